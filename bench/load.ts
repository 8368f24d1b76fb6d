import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSandbox, type Sandbox } from '@handover/sandbox';
import { Pool } from 'undici';
import { post } from './direct.ts';
import type { Running } from './ground.ts';
import { eachOf, perSecond } from './rounds.ts';

export const AT_ONCE = 50;
const IDLE_SAMPLES = 200;
/** The pause between two transfers of an idle system, in ms: long enough that they do not overlap. */
const IDLE_MS = 20;
const ALL_WITHIN_MS = 300_000;
const LOOK_EVERY_MS = 5;
const USER = 'agent';
const QUEUE = 'support';

/** A platform without latency, with an agent and an open queue, and its URL. The caller closes it. */
export async function openPlatform(): Promise<{ sandbox: Sandbox; url: string }> {
  const sandbox = createSandbox();
  const url = await sandbox.listen();
  sandbox.addMany({ users: [USER], queues: [QUEUE] });
  return { sandbox, url };
}

export const transfersOf = ({ url }: Running) => `${url}/api/transfers`;

export function newCalls(sandbox: Sandbox, count: number): string[] {
  const calls = Array.from({ length: count }, () => `call-${randomUUID()}`);
  sandbox.addMany({ calls });
  return calls;
}

export function transferOf(callId: string, more: { notBefore?: string; priority?: number } = {}) {
  return { callId, userId: USER, transferType: 'blind', target: { type: 'queue', id: QUEUE }, ...more };
}

/** Resolves once the sandbox has moved all of these calls; rejects on a time-out. */
export function untilMoved(sandbox: Sandbox, calls: string[]): Promise<void> {
  const left = new Set(calls);
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      clearTimeout(timer);
      sandbox.off('effect', heard);
      settle();
    };
    const heard = ({ callId }: { callId: string }) => {
      left.delete(callId);
      if (left.size === 0) end(resolve);
    };
    const timer = setTimeout(
      () => end(() => reject(new Error(`${left.size} of ${calls.length} calls were not moved`))),
      ALL_WITHIN_MS,
    );
    sandbox.on('effect', heard);
  });
}

/** Posts everything with limited concurrency; throws on an unexpected answer. Returns the rate per second. */
export async function postAll(url: string, bodies: object[], accepted: number): Promise<number> {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: AT_ONCE });
  const found = await perSecond(bodies.length, () =>
    eachOf(bodies, AT_ONCE, async (body) => {
      await post(pool, pathname, body, accepted);
    }),
  );
  await pool.close();
  return found;
}

/** Posts this many transfers of new calls, and waits until each call has moved. Returns the rate per second. */
export async function move(sandbox: Sandbox, url: string, count: number, accepted = 202): Promise<number> {
  const calls = newCalls(sandbox, count);
  const moved = untilMoved(sandbox, calls);
  return perSecond(count, async () => {
    const bodies = calls.map((callId) => transferOf(callId));
    await postAll(url, bodies, accepted);
    await moved;
  });
}

/** Waits until the count has reached this value. */
export async function untilCount(wanted: number, count: () => Promise<number>): Promise<void> {
  const giveUpAt = performance.now() + ALL_WITHIN_MS;
  for (;;) {
    const found = await count();
    if (found === wanted) return;
    if (performance.now() > giveUpAt) throw new Error(`${found} are there instead of ${wanted}`);
    await sleep(LOOK_EVERY_MS);
  }
}

/** Moves one call after the other, with pauses. Returns the durations in ms, shortest first. */
export async function timesWhenIdle(
  sandbox: Sandbox,
  moveOne: (callId: string) => Promise<void>,
): Promise<number[]> {
  const times: number[] = [];
  for (const callId of newCalls(sandbox, IDLE_SAMPLES)) {
    await sleep(IDLE_MS);
    const from = performance.now();
    await moveOne(callId);
    times.push(performance.now() - from);
  }
  return times.sort((a, b) => a - b);
}

/** From the POST to the effect. */
export async function moveOneBy(pool: Pool, sandbox: Sandbox, callId: string): Promise<void> {
  const moved = untilMoved(sandbox, [callId]);
  await post(pool, '/api/transfers', transferOf(callId), 202);
  await moved;
}

export const percentile99 = (sorted: number[]) => sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;

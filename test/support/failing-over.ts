import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestContext } from 'vitest';
import { LONG } from './chance.ts';
import { contradictions, tally } from './ledger.ts';
import { watchMachine } from './machine.ts';
import type { OwnRedis } from './own-redis.ts';
import { openFaultWorld } from './processes.ts';
import { ordinaryBody, post } from './upstream.ts';

/** With `FAULTS=long` only: the time until acceptance recovers, and the slowest transfer, in ms. */
const ACCEPTING_WITHIN_MS = 5_000;
const SLOWEST_MS = 15_000;
const PAUSE_MS = 8_000;
const BEFORE_MS = 2_000;
const AFTER_MS = LONG ? 6_000 : 3_000;

/** The fault of a primary; resolves once it is back. */
export type Fault = { name: string; strike: (primary: OwnRedis) => Promise<unknown> };

export const paused: Fault = {
  name: 'paused',
  async strike(primary) {
    process.kill(primary.pid, 'SIGSTOP');
    await sleep(PAUSE_MS);
    process.kill(primary.pid, 'SIGCONT');
  },
};

export const killed: Fault = {
  name: 'killed',
  async strike(primary) {
    await primary.kill();
    await sleep(PAUSE_MS);
    await primary.restart();
  },
};

export type Upstream = Awaited<ReturnType<typeof startUpstream>>;

/**
 * Workers and an API on this Redis, and an upstream that submits steadily, more than the workers can handle, and
 * repeats with its key until answered.
 */
export async function startUpstream(
  { onTestFinished }: TestContext,
  env: Record<string, string>,
  { perSecond, workers }: { perSecond: number; workers: number },
) {
  const { world, processes, close } = await openFaultWorld({
    ...env,
    ACCEPT_AFTER_REPLICAS: '1',
    TRANSFER_CONCURRENCY: '3',
    GENESYS_TIMEOUT_MS: '6000',
    SETTLE_WINDOW_MS: '7000',
    UNCONFIRMED_MAX_MS: '120000',
    QUEUE_CACHE_TTL_MS: '5000',
    USER_CACHE_TTL_MS: '60000',
  });
  onTestFinished(close);
  world.sandbox.changeSettings({ transferLatencyMs: 200 });
  await processes.startWorkers(workers);
  const api = await processes.startReady('api');

  let isOver = false;
  let refusals = 0;
  const submissions: Promise<{ id: string; ms: number }>[] = [];
  const submit = async (body: object) => {
    const key = randomUUID();
    const from = Date.now();
    for (;;) {
      const reply = await post(`${api.url}/api/transfers`, body, key);
      if (reply?.status === 202) return { id: reply.body.id ?? '', ms: Date.now() - from };
      refusals += 1;
      await sleep(100);
    }
  };
  const submitting = (async () => {
    while (!isOver) {
      submissions.push(submit(ordinaryBody(world)));
      await sleep(1_000 / perSecond);
    }
  })();
  return {
    world,
    /** Stops submitting, waits until every transfer has its outcome, and returns the results. */
    async end() {
      isOver = true;
      await submitting;
      const accepted = await Promise.all(submissions);
      const transfers = [];
      for (const { id } of accepted) transfers.push(await world.outcome(id, 120_000));
      const slowestMs = Math.max(...transfers.map(({ record }) => record.settledAt - record.acceptedAt));
      const acceptedWithinMs = Math.max(...accepted.map(({ ms }) => ms));
      const words =
        `${accepted.length} submissions, ${refusals} refusals, accepted within ${acceptedWithinMs} ms, slowest ${slowestMs} ms, ` +
        `${JSON.stringify(tally(transfers))}, ${world.sandbox.requests.counts().transfer} requests for an effect`;
      return { transfers, slowestMs, acceptedWithinMs, words };
    },
  };
}

/** The Redis under test: its primary, and the conditions to wait for around a fault. */
export type Failing = {
  primary: () => Promise<OwnRedis>;
  /** Resolves once another node than this one is the primary. */
  failedOver: (from: OwnRedis) => Promise<OwnRedis>;
  /** Resolves once every node follows again. */
  whole: () => Promise<unknown>;
  /** Nothing can be accepted or sent until the old primary is back: times are only printed. */
  waitsForOld?: boolean;
};

/** Injects the fault this many times under load, and compares the results with the ledger. */
export async function failOver(
  { expect, onTestFinished }: TestContext,
  { primary, failedOver, whole, waitsForOld = false }: Failing,
  upstreams: Upstream[],
  { name, strike }: Fault,
  times: number,
) {
  const machine = watchMachine();
  onTestFinished(machine.stop);
  await sleep(BEFORE_MS);
  for (let time = 0; time < times; time += 1) {
    const from = await primary();
    const [to] = await Promise.all([failedOver(from), strike(from)]);
    await whole();
    console.log(`failed over from ${from.port} to ${to.port}`);
    await sleep(AFTER_MS);
  }
  for (const upstream of upstreams) {
    const { transfers, slowestMs, acceptedWithinMs, words } = await upstream.end();
    console.log(`${name} ${times} times: ${words}`);
    expect(contradictions(upstream.world.sandbox, transfers)).toEqual([]);
    expect(transfers.map(({ record }) => record.status)).toEqual(transfers.map(() => 'transferred'));
    if (!LONG || waitsForOld) continue;
    expect(acceptedWithinMs).toBeLessThan(ACCEPTING_WITHIN_MS + 2 * machine.latestMs());
    expect(slowestMs).toBeLessThan(SLOWEST_MS + 2 * machine.latestMs());
  }
}

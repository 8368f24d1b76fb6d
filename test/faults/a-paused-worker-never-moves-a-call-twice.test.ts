import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StoredTransfer } from '@handover/core/transfer';
import type { Sandbox } from '@handover/sandbox';
import { Redis } from 'ioredis';
import { type TestContext, test } from 'vitest';
import { LONG, takeChance } from '../support/chance.ts';
import { contradictions, tally } from '../support/ledger.ts';
import { watchMachine } from '../support/machine.ts';
import { openFaultWorld, type Process, workerPid } from '../support/processes.ts';
import type { World } from '../support/world.ts';

/** Longer than the lock on a job (3 s), so that another worker takes over while the first one still thinks it holds it. */
const PAUSE_MS = 4_000;
/** With `FAULTS=long` only, since the machine may be busy. */
const TAKEN_UP_WITHIN_MS = 5_000;
const TRANSFERS = 5;
const PATIENT = { GENESYS_TIMEOUT_MS: '20000', SETTLE_WINDOW_MS: '21000', UNCONFIRMED_MAX_MS: '120000' };

type Step = Parameters<Sandbox['addScript']>[0]['steps'][number];
type Phase = {
  operation: 'call' | 'transfer';
  /** How the platform treats the requests of the first worker. */
  first: Step;
  /** How it treats those of the second; the first worker wakes while they wait, else at the end. */
  second?: Step;
  /** How many transfers; all must arrive before the first is answered. */
  count?: number;
  /** The second worker starts only once the effects of the first have happened. */
  happensFirst?: boolean;
};

/**
 * Pauses the only worker while all its transfers wait for the platform in this phase, lets another take over, and
 * wakes the first. Returns the transfers once both are done.
 */
async function pauseInPhase(
  { expect, onTestFinished }: TestContext,
  { operation, first, second, count = TRANSFERS, happensFirst = false }: Phase,
) {
  const { world, processes, close } = await openFaultWorld(PATIENT);
  onTestFinished(close);
  const machine = watchMachine();
  onTestFinished(machine.stop);
  const { sandbox } = world;
  const untilArrived = async (wanted: number) => {
    while (sandbox.requests.counts()[operation] < wanted) await once(sandbox, 'request');
  };
  const sleeper = await processes.startReady('worker');
  const steps = [first, ...(second === undefined ? [] : [second])];
  sandbox.addScript({ operation, steps: steps.map((step) => ({ ...step, times: count })) });
  const ids = await Promise.all(Array.from({ length: count }, () => world.submit()));
  await untilArrived(count);
  sleeper.kill('SIGSTOP');
  const pausedAt = Date.now();
  while (happensFirst && sandbox.ledger.entries().length < count) await once(sandbox, 'effect');
  const heir = await processes.startReady('worker');
  const readyAt = Date.now();
  if (second === undefined) await outcomes(world, ids);
  else await untilArrived(2 * count);
  sleeper.kill('SIGCONT');
  const transfers = await outcomes(world, ids);
  const waits = transfers.map(({ timeline }) => beganAt(timeline, heir.pid) - Math.max(pausedAt, readyAt));
  console.log(
    `paused: taken up ${Math.min(...waits)} to ${Math.max(...waits)} ms after the other worker was ready, ` +
      `${readyAt - pausedAt} ms after the pause`,
  );
  if (LONG) expect(Math.max(...waits)).toBeLessThan(TAKEN_UP_WITHIN_MS + 2 * machine.latestMs());
  expect(transfers.map(({ timeline }) => workerPid(timeline, 'outcome'))).toEqual(ids.map(() => heir.pid));
  // It first finishes the jobs that it assumes to hold.
  await sleeper.stop(60_000);
  return { sandbox, heir, transfers: await outcomes(world, ids) };
}

function beganAt(timeline: StoredTransfer['timeline'], pid: number): number {
  const began = timeline.find(({ step, by }) => step === 'started' && by.endsWith(`-${pid}`));
  return began?.at ?? Number.POSITIVE_INFINITY;
}

async function outcomes(world: World, ids: string[]): Promise<StoredTransfer[]> {
  const transfers = [];
  for (const id of ids) transfers.push(await world.outcome(id, 100_000));
  return transfers;
}

test.concurrent('paused while it reads: after waking, the fence rejects it', async (context) => {
  const { expect } = context;
  const { sandbox, heir, transfers } = await pauseInPhase(context, {
    operation: 'call',
    // All must arrive, and the worker be paused, before the first answer: long enough for a busy machine.
    first: { latencyMs: 10_000 },
    second: { latencyMs: 3_000 },
  });
  expect(contradictions(sandbox, transfers)).toEqual([]);
  expect(sandbox.requests.counts().transfer).toBe(TRANSFERS);
  for (const { timeline } of transfers) expect(workerPid(timeline, 'intent')).toBe(heir.pid);
});

test.concurrent('paused while the effect happens: another finds it by reading', async (context) => {
  const { expect } = context;
  const phase: Phase = { operation: 'transfer', first: { latencyMs: 2_500 }, count: 1, happensFirst: true };
  const { sandbox, transfers } = await pauseInPhase(context, phase);
  expect(contradictions(sandbox, transfers)).toEqual([]);
  expect(transfers.map(({ record }) => record.outcome?.confirmedBy)).toEqual(transfers.map(() => 'reading'));
  expect(sandbox.requests.counts().transfer).toBe(1);
});

test.concurrent('paused while its request is stuck before the effect: another moves the call', async (context) => {
  const { expect } = context;
  const phase: Phase = { operation: 'transfer', first: { hang: 'before' }, second: { latencyMs: 3_000 } };
  const { sandbox, transfers } = await pauseInPhase(context, phase);
  expect(contradictions(sandbox, transfers)).toEqual([]);
  expect(transfers.map(({ record }) => record.status)).toEqual(transfers.map(() => 'transferred'));
});

test.concurrent('paused right after its intent, on either side of the socket: one move', async (context) => {
  const { expect } = context;
  const { world, processes, close } = await openFaultWorld(PATIENT);
  context.onTestFinished(close);
  const { sandbox } = world;
  const sleeper = await processes.startReady('worker');
  // An intent is published when written, so the pause comes just before or just after its request is sent.
  const listener = new Redis(world.config.redis.url);
  context.onTestFinished(() => listener.disconnect());
  await listener.subscribe(world.store.keys.changed);
  listener.once('message', () => sleeper.kill('SIGSTOP'));
  const paused = once(listener, 'message');
  const ids = await Promise.all(Array.from({ length: 20 }, () => world.submit()));
  await paused;
  const sentBefore = sandbox.requests.counts().transfer;
  await processes.startReady('worker');
  const transfers = await outcomes(world, ids);
  sleeper.kill('SIGCONT');
  await sleeper.stop(60_000);
  const late = sandbox.requests
    .entries()
    .filter(({ operation, status }) => operation === 'transfer' && status === 409);
  console.log(
    `paused with ${sentBefore} of ${ids.length} sent; ${late.length} came late and met another ETag`,
  );
  expect(contradictions(sandbox, await outcomes(world, ids))).toEqual([]);
  expect(transfers.map(({ record }) => record.status)).toEqual(transfers.map(() => 'transferred'));
});

test.concurrent('a paused idle worker does not delay new transfers', async ({ expect, onTestFinished }) => {
  const { world, processes, close } = await openFaultWorld(PATIENT);
  onTestFinished(close);
  const [sleeper, other] = await processes.startWorkers(2);
  const machine = watchMachine();
  onTestFinished(machine.stop);
  async function four() {
    const transfers = [];
    for (let index = 0; index < 4; index += 1) transfers.push(await world.outcome(await world.submit()));
    return transfers;
  }
  const waitsOf = (transfers: StoredTransfer[]) =>
    transfers.map(({ record }) => record.settledAt - record.acceptedAt);
  const before = waitsOf(await four());
  // Its connection is still in line for wake-ups, and may swallow those meant for the other.
  sleeper?.kill('SIGSTOP');
  const transfers = await four();
  const waits = waitsOf(transfers);
  console.log(`done after ${before.join(', ')} ms; beside a paused idle worker after ${waits.join(', ')} ms`);
  expect(transfers.map(({ timeline }) => workerPid(timeline, 'outcome'))).toEqual(
    transfers.map(() => other?.pid),
  );
  // A worker that was not woken polls after a second.
  if (LONG) expect(Math.max(...waits)).toBeLessThan(1_500 + Math.max(...before) + 2 * machine.latestMs());
});

const STORM = LONG ? { transfers: 1_000, pauses: 100 } : { transfers: 100, pauses: 6 };

/** Pauses workers in turn, each for longer than the lock and never all of them at once. */
function pausesInTurn(workers: Process[]) {
  const awake = [...workers];
  const naps: Promise<void>[] = [];
  return {
    async next(): Promise<void> {
      while (awake.length === 1) await Promise.race(naps.splice(0, 1));
      const [worker] = awake.splice(0, 1);
      if (worker === undefined) throw new Error('all workers sleep');
      worker.kill('SIGSTOP');
      naps.push(
        sleep(PAUSE_MS).then(() => {
          worker.kill('SIGCONT');
          awake.push(worker);
        }),
      );
    },
    over: () => Promise.all(naps),
  };
}

test.concurrent(`${STORM.transfers} transfers, ${STORM.pauses} pauses at random instants: nothing moved twice`, {
  timeout: 180_000 + STORM.pauses * 2 * PAUSE_MS,
}, async ({ expect, onTestFinished }) => {
  const { world, processes, close } = await openFaultWorld({
    GENESYS_TIMEOUT_MS: '6000',
    SETTLE_WINDOW_MS: '7000',
    UNCONFIRMED_MAX_MS: '120000',
    TRANSFER_CONCURRENCY: '10',
  });
  onTestFinished(close);
  const chance = takeChance('pauses');
  world.sandbox.changeSettings({
    latencyMs: { min: 1, max: 50 },
    transferLatencyMs: { min: 300, max: 900 },
  });
  const workers = await processes.startWorkers(4);
  const pauses = pausesInTurn(workers);
  const ids: string[] = [];
  const sent = () => world.sandbox.requests.counts().transfer;
  for (let pause = 0; pause < STORM.pauses; pause += 1) {
    const before = sent();
    const share = Math.ceil(STORM.transfers / STORM.pauses);
    for (let count = 0; count < share; count += 1) ids.push(await world.submit());
    // Some are in progress, in either worker.
    while (sent() - before < share / 2) await once(world.sandbox, 'request');
    await sleep(chance.between(0, 200));
    await pauses.next();
  }
  await pauses.over();
  await outcomes(world, ids);
  await Promise.all(workers.map((worker) => worker.stop(60_000)));
  const transfers = await outcomes(world, ids);
  const again = transfers.filter(({ record }) => record.interruptions > 0).length;
  console.log(`${JSON.stringify(tally(transfers))}, ${again} were taken over from a paused worker`);
  expect(contradictions(world.sandbox, transfers)).toEqual([]);
  expect(again).toBeGreaterThan(0);
});

import { type Asleep, openTransferQueue, type TransferQueue } from '@handover/core/redis';
import type { Next } from '@handover/core/transfer';
import { type Job, Worker } from 'bullmq';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { queueAction, tryAgain } from '../../apps/worker/src/queue-action.ts';
import { openTestLane, type TestLane } from '../support/lane.ts';

const FACTS = { acceptedAt: 1, settledAt: 2 };

let lane: TestLane;
let queue: TransferQueue;
let worker: Worker;
beforeEach(() => {
  lane = openTestLane();
  queue = openTransferQueue(lane.redis, lane.lane);
});
afterEach(async () => {
  await worker?.close(true);
  await queue.close();
  await lane.close();
});

/** Lets BullMQ run one job with this end. Returns the resulting job. */
async function follow(process: (job: Job, token: string) => Promise<unknown>) {
  const job = await queue.add('transfer', { v: 1, id: 't-1' }, { jobId: 't-1' });
  worker = new Worker(queue.name, (given, token = '') => process(given, token), {
    connection: lane.redis,
    prefix: lane.prefix,
    limiter: { max: 1e9, duration: 1_000 },
  });
  await expect.poll(() => job.getState()).not.toMatch(/waiting|active|prioritized/);
  return { state: await job.getState(), job: await queue.getJob('t-1') };
}
const after = (next: Next) => follow((job, token) => queueAction(next, job, token, queue));

test('a failed transfer is a failed job with the reason, and is not retried', async () => {
  const { state, job } = await after({
    do: 'done',
    outcome: { status: 'failed', reason: 'conflict' },
    facts: FACTS,
  });
  expect(state).toBe('failed');
  expect(job?.failedReason).toBe('failed: conflict');
});

test('a rejected transfer is a completed job', async () => {
  const outcome = { status: 'rejected', reason: 'call-ended' } as const;
  const { state, job } = await after({ do: 'done', outcome, facts: FACTS });
  expect(state).toBe('completed');
  expect(job?.returnvalue).toEqual(outcome);
});

test.each<[string, Next, string]>([
  ['parked', { do: 'park' }, 'an operator must resolve it'],
  [
    'contradicted',
    { do: 'contradicted', outcome: { status: 'transferred' }, settledAs: { status: 'expired' } },
    'settled as expired',
  ],
])('a %s transfer is a failed job with the reason', async (_, next, words) => {
  const { state, job } = await after(next);
  expect(state).toBe('failed');
  expect(job?.failedReason).toContain(words);
});

test('a hold-off pauses the queue, and a shorter wait does not cut a longer one', async () => {
  const { state } = await follow(async (job, token) => {
    await queue.rateLimit(60_000);
    return queueAction({ do: 'hold', until: 0, inMs: 50_000 }, job, token, queue);
  });
  expect(state).toBe('delayed');
  expect(await queue.getRateLimitTtl()).toBeGreaterThan(50_000);
});

test('an unexpected error delays the job for a second by Redis’ clock, without failing it', async () => {
  const noted: unknown[] = [];
  const asleep = { note: async (...given: unknown[]) => void noted.push(given) } as unknown as Asleep;
  const states: string[] = [];
  await follow(async (job, token) => {
    // On a busy machine it may run again before the end of the test.
    if (states.length > 0) return;
    await tryAgain(new Error('a bug'), { asleep, job, token }).finally(async () => {
      states.push(await job.getState());
    });
  });
  expect(states).toEqual(['delayed']);
  expect(noted).toEqual([['t-1', 1_000]]);
});

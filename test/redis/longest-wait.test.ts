import { createWakes, longestWaitMs, openTransferQueue, type TransferQueue } from '@handover/core/redis';
import type { TransferRequest } from '@handover/core/transfer';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTestLane, type TestLane } from '../support/lane.ts';

let lane: TestLane;
let queue: TransferQueue;
beforeEach(() => {
  lane = openTestLane();
  queue = openTransferQueue(lane.redis, lane.lane);
});
afterEach(async () => {
  await queue.close();
  await lane.close();
});

const longest = () => longestWaitMs(lane.redis, queue, lane.keys);

/** A queued transfer, accepted this long ago, and ready since `nextAgoMs`. */
async function waiting(agoMs: number, nextAgoMs: number | undefined, given: Partial<TransferRequest> = {}) {
  const id = await lane.accept(given);
  const now = await lane.now();
  const nextAt = nextAgoMs === undefined ? {} : { nextAt: now - nextAgoMs };
  await lane.redis.hset(lane.keys.record(id), { acceptedAt: now - agoMs, ...nextAt });
  const request = {
    callId: id,
    userId: 'u',
    transferType: 'blind',
    target: { type: 'queue', id: 'q' },
  } as const;
  await createWakes(lane.redis, queue).add([{ id, request: { ...request, ...given } }]);
  return id;
}

test('an empty queue has no wait', async () => {
  expect(await longest()).toBe(0);
});

test('the longest wait counts, whatever its priority and the backlog', async () => {
  await waiting(5_000, undefined, { callId: 'a', priority: 9 });
  await waiting(60_000, undefined, { callId: 'b', priority: 0 });
  await waiting(1_000, undefined, { callId: 'c', priority: 0 });
  const found = await longest();
  expect(found).toBeGreaterThanOrEqual(60_000);
  expect(found).toBeLessThan(90_000);
});

test('an intended delay does not count: the wait starts when the transfer is ready', async () => {
  await waiting(3_600_000, 2_000, { callId: 'a' });
  const found = await longest();
  expect(found).toBeGreaterThanOrEqual(2_000);
  expect(found).toBeLessThan(32_000);
});

test('a transfer without a record does not count', async () => {
  const id = await waiting(60_000, undefined, { callId: 'a' });
  await lane.redis.del(lane.keys.record(id));
  expect(await longest()).toBe(0);
});

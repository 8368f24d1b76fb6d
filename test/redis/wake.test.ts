import {
  createAsleep,
  openTransferQueue,
  type SweptQueue,
  type TransferQueue,
  wakeDue,
} from '@handover/core/redis';
import { Worker } from 'bullmq';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTestLane, type TestLane } from '../support/lane.ts';

const HOUR_MS = 3_600_000;

let lane: TestLane;
let queue: TransferQueue;
let swept: SweptQueue & { worker: Worker };
beforeEach(() => {
  lane = openTestLane();
  queue = openTransferQueue(lane.redis, lane.lane);
  const worker = new Worker(queue.name, null, {
    connection: lane.redis,
    prefix: lane.prefix,
    autorun: false,
  });
  const asleep = createAsleep(lane.redis, { now: lane.now }, lane.lane, queue.name);
  swept = { worker: worker.on('error', () => undefined), asleep };
});
afterEach(async () => {
  await swept.worker.close();
  await queue.close();
  await lane.close();
});

const add = (opts: { priority?: number; delay?: number }) =>
  queue.add('transfer', { v: 1, id: 't-1' }, { jobId: 't-1', ...opts });
const marker = () => queue.toKey('marker');
const look = async () => wakeDue(lane.redis, swept, await lane.now());

test.each([{}, { priority: 5 }])('a waiting job (%o) whose wake-up was lost is woken again', async (opts) => {
  await add(opts);
  await lane.redis.del(marker());
  await look();
  expect(await lane.redis.exists(marker())).toBe(1);
});

test('a delayed job gets a wake-up when it is due, and not before', async () => {
  await look();
  const job = await add({ delay: HOUR_MS });
  await lane.redis.del(marker());
  await look();
  expect(await lane.redis.exists(marker())).toBe(0);
  await job.changeDelay(0);
  await lane.redis.del(marker());
  await look();
  expect(await lane.redis.exists(marker())).toBe(1);
});

test('a job that overslept because of a wrong clock is woken, and its note is removed at the next check', async () => {
  const job = await add({ delay: HOUR_MS });
  await swept.asleep.note('t-1', -2_000);
  await look();
  expect(await job.getState()).toBe('waiting');
  await look();
  expect(await swept.asleep.due(await lane.now())).toEqual([]);
});

test('a job that is not due by Redis’ clock stays delayed', async () => {
  const job = await add({ delay: HOUR_MS });
  await swept.asleep.note('t-1', 2_000);
  await look();
  expect(await job.getState()).toBe('delayed');
});

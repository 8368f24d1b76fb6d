import { createAnswerTally, laneKeys, readAnswersLately, redisNow } from '@handover/core/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestLane, type TestLane } from '../support/lane.ts';

let lane: TestLane;
beforeAll(() => {
  lane = openTestLane();
});
afterAll(() => lane.close());

test('the answers of all processes are counted, and forgotten after some minutes', async () => {
  const none = { minutes: 5, answers: 0, failed: 0, limited: 0, since: 0 };
  expect(await readAnswersLately(lane.redis, lane.lane)).toEqual(none);
  const tallies = [createAnswerTally(lane.redis, lane.lane), createAnswerTally(lane.redis, lane.lane)];
  for (const tally of tallies) for (const status of [200, 404, 429, 500, 503, null]) tally.count({ status });
  await Promise.all(tallies.map((tally) => tally.close()));
  const lastFailedAt = expect.toSatisfy((at: number) => Math.abs(at - Date.now()) < 60_000);
  const lately = { minutes: 5, answers: 12, failed: 6, limited: 2, since: 0, lastFailedAt };
  expect(await readAnswersLately(lane.redis, lane.lane)).toEqual(lately);
  const [key = ''] = await lane.redis.keys(`${lane.lane.prefix}:live:answers:*`);
  expect(await lane.redis.pttl(key)).toBeGreaterThan(5 * 60_000);
  await Promise.all(tallies.map((tally) => tally.close()));
  expect(await readAnswersLately(lane.redis, lane.lane)).toEqual(lately);
});

test('what came after the minute of the last failure is counted', async () => {
  const other = openTestLane();
  const { redis, lane: where } = other;
  const minute = Math.floor((await redisNow(redis)) / 60_000);
  const put = (back: number, fields: Record<string, number>) =>
    redis.hset(laneKeys(where).answers(minute - back), fields);
  await put(4, { answers: 10, failed: 9, failedAt: 4_000 });
  await put(3, { answers: 20, failed: 1, failedAt: 5_000 });
  await put(2, { answers: 30 });
  await put(0, { answers: 3, limited: 1 });
  expect(await readAnswersLately(redis, where)).toEqual({
    ...{ minutes: 5, answers: 63, failed: 10, limited: 1 },
    ...{ lastFailedAt: 5_000, since: 33 },
  });
  await other.close();
});

test('a failure that was counted without its time has none', async () => {
  const other = openTestLane();
  const minute = Math.floor((await redisNow(other.redis)) / 60_000);
  await other.redis.hset(laneKeys(other.lane).answers(minute), { answers: 4, failed: 4 });
  const lately = await readAnswersLately(other.redis, other.lane);
  expect(lately).toEqual({ minutes: 5, answers: 4, failed: 4, limited: 0, since: 0 });
  await other.close();
});

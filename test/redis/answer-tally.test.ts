import { createAnswerTally, readAnswersLately } from '@handover/core/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestLane, type TestLane } from '../support/lane.ts';

let lane: TestLane;
beforeAll(() => {
  lane = openTestLane();
});
afterAll(() => lane.close());

test('the answers of all processes are counted, and forgotten after some minutes', async () => {
  const none = { minutes: 5, answers: 0, failed: 0, limited: 0 };
  expect(await readAnswersLately(lane.redis, lane.lane)).toEqual(none);
  const tallies = [createAnswerTally(lane.redis, lane.lane), createAnswerTally(lane.redis, lane.lane)];
  for (const tally of tallies) for (const status of [200, 404, 429, 500, 503, null]) tally.count({ status });
  await Promise.all(tallies.map((tally) => tally.close()));
  const lately = { minutes: 5, answers: 12, failed: 6, limited: 2 };
  expect(await readAnswersLately(lane.redis, lane.lane)).toEqual(lately);
  const [key = ''] = await lane.redis.keys(`${lane.lane.prefix}:live:answers:*`);
  expect(await lane.redis.pttl(key)).toBeGreaterThan(5 * 60_000);
  await Promise.all(tallies.map((tally) => tally.close()));
  expect(await readAnswersLately(lane.redis, lane.lane)).toEqual(lately);
});

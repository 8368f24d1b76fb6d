import { createLane, laneKeys } from '@handover/core/redis';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createBudget } from '../../packages/core/src/redis/pace/budget.ts';
import { createHoldOff } from '../../packages/core/src/redis/pace/hold-off.ts';
import { openTestLane, type TestLane } from '../support/lane.ts';
import { PATIENTLY } from '../support/patience.ts';

let lane: TestLane;
beforeEach(() => {
  lane = openTestLane();
});
afterEach(() => lane.close());

const holdOff = (speed = 1) => createHoldOff(lane.redis, lane.keys.holdOff, { speed });

/** Sets the hold-off and checks its duration, independent of machine speed. */
async function expectRaised(retryAfterMs: number | undefined, least: number, most: number, speed?: number) {
  const before = await lane.now();
  const until = await holdOff(speed).raise(retryAfterMs);
  expect(until - before).toBeGreaterThanOrEqual(least);
  expect(until - (await lane.now())).toBeLessThanOrEqual(most);
  return until;
}

/** Waits until the hold-off ends. */
const untilOver = () => vi.waitUntil(async () => (await holdOff().heldUntil()) === undefined, PATIENTLY);

/** As if the hold-off had just ended. */
const endNow = async () => lane.redis.hset(lane.keys.holdOff, 'until', (await lane.now()) - 1);

test('there is no hold-off initially', async () => {
  expect(await holdOff().heldUntil()).toBeUndefined();
});

test('a Retry-After makes all processes hold off until then', async () => {
  const until = await expectRaised(60_000, 60_000, 60_000);
  const other = openTestLane();
  const elsewhere = createHoldOff(other.redis, lane.keys.holdOff);
  expect(await elsewhere.heldUntil()).toBe(until);
  await other.close();
});

test('the latest time wins, whatever the order', async () => {
  const late = await holdOff().raise(20_000);
  expect(await holdOff().raise(5_000)).toBe(late);
  expect(await holdOff().raise(undefined)).toBe(late);
  expect(await holdOff().heldUntil()).toBe(late);
  await expectRaised(30_000, 30_000, 30_000);
});

test('the latest of concurrent hold-offs wins', async () => {
  const all = await Promise.all([3, 50, 7, 20].map((seconds) => holdOff().raise(seconds * 1_000)));
  expect(await holdOff().heldUntil()).toBe(Math.max(...all));
});

test.each([180_001, 3_600_000, 1e12, 1e23])('%d ms is capped at 180 s', async (ms) => {
  await expectRaised(ms, 180_000, 180_000);
});

test('a hold-off applies to its lane only', async () => {
  await holdOff().raise(60_000);
  const simulated = createLane('simulated', lane.prefix);
  expect(
    await createHoldOff(lane.redis, laneKeys(simulated).holdOff, { speed: 100 }).heldUntil(),
  ).toBeUndefined();
});

test('a hold-off of one operation applies to it only, and says what was exceeded', async () => {
  const of = (operation: string, most = {}) =>
    createHoldOff(lane.redis, lane.keys.holds, { operation, ...most });
  const call = await of('call').raise(20_000, 'conversation.rate (100)');
  // It may last longer than everybody's.
  const long = await of('transfer /replace/queue', { longestToldMs: 86_400_000 }).raise(7_200_000);
  expect(long - call).toBeGreaterThan(7_000_000);
  expect(await of('call').raise(5_000)).toBe(call);
  const held = await Promise.all(
    ['call', 'queue', 'transfer /replace/queue'].map((name) => of(name).heldUntil()),
  );
  expect(held).toEqual([call, undefined, long]);
  expect(await holdOff().heldUntil()).toBeUndefined();
  expect(await lane.redis.pttl(lane.keys.holds)).toBeGreaterThan(7_200_000);

  const budget = createBudget(lane.redis, lane.lane, { requests: 10, windowMs: 60_000 });
  expect(await budget.take('call')).toEqual({ until: call, rule: 'rate limited', operation: 'call' });
  expect(await budget.take('queue')).toBeUndefined();
  expect(await budget.take()).toBeUndefined();
  expect(await budget.remaining()).toBe(8);
  const all = await holdOff().raise(15_000, 'token.rate.per.minute (300)');
  expect(await budget.take('call')).toEqual({
    until: all,
    rule: 'rate limited: token.rate.per.minute (300)',
  });
});

test('the waits of one operation start again after a minute, though another one keeps the key', async () => {
  const of = (operation: string) => createHoldOff(lane.redis, lane.keys.holds, { operation });
  await of('queue').raise(170_000);
  for (const least of [1_000, 2_000]) {
    const before = await lane.now();
    expect((await of('call').raise(undefined)) - before).toBeGreaterThanOrEqual(least);
    await lane.redis.hset(lane.keys.holds, 'until:call', before - 1);
  }
  await lane.redis.hset(lane.keys.holds, 'until:call', (await lane.now()) - 60_001);
  await of('call').raise(undefined);
  const until = Number(await lane.redis.hget(lane.keys.holds, 'until:call'));
  expect(until - (await lane.now())).toBeLessThan(2_000);
});

test('a hold-off ends by the clock of Redis', async () => {
  await holdOff(100).raise(2_000);
  await untilOver();
  expect(await holdOff().heldUntil()).toBeUndefined();
});

describe('without Retry-After', () => {
  test('the waits double from one hold-off to the next, and jitter adds at most a fifth', async () => {
    for (const seconds of [1, 2, 4, 8, 16, 32, 64, 128]) {
      await expectRaised(undefined, seconds * 1_000, seconds * 1_200 + 1);
      await endNow();
    }
    for (let again = 0; again < 2; again += 1) {
      await expectRaised(undefined, 180_000, 180_000);
      await endNow();
    }
  });

  test('jitter spreads the waits', async () => {
    const waits = new Set<number>();
    for (let round = 0; round < 20; round += 1) {
      await lane.redis.del(lane.keys.holdOff);
      const before = await lane.now();
      waits.add((await expectRaised(undefined, 1_000, 1_201)) - before);
    }
    expect(waits.size).toBeGreaterThan(5);
  });

  test('one burst of 429s does not double the wait', async () => {
    const burst = await Promise.all(Array.from({ length: 50 }, () => holdOff().raise(undefined)));
    expect(new Set(burst).size).toBe(1);
    await endNow();
    await expectRaised(undefined, 2_000, 2_401);
  });

  test('the waits restart after a minute without 429', async () => {
    await holdOff().raise(undefined);
    const left = await lane.redis.pttl(lane.keys.holdOff);
    expect(left).toBeGreaterThan(50_000);
    expect(left).toBeLessThanOrEqual(61_201);
    await lane.redis.del(lane.keys.holdOff);
    await expectRaised(undefined, 1_000, 1_201);
  });

  test('a Retry-After does not lengthen the next wait', async () => {
    for (let round = 0; round < 3; round += 1) {
      await holdOff().raise(5_000);
      await endNow();
    }
    await expectRaised(undefined, 1_000, 1_201);
  });
});

describe('training runs a hundred times faster', () => {
  test('with Retry-After', async () => {
    await expectRaised(50_000, 500, 500, 100);
  });

  test('without', async () => {
    await expectRaised(undefined, 10, 13, 100);
  });

  test('with a shorter cap too', async () => {
    await expectRaised(1e9, 1_800, 1_800, 100);
  });
});

test('a Retry-After may exceed the cap of growing waits, if configured', async () => {
  const patient = createHoldOff(lane.redis, lane.keys.holdOff, {
    longestMs: 60_000,
    longestToldMs: 3_600_000,
  });
  const from = await lane.now();
  for (const [told, most] of [
    [600_000, 600_000],
    [1e9, 3_600_000],
  ] as const) {
    const until = await patient.raise(told);
    expect(until - from).toBeGreaterThanOrEqual(most);
    expect(until - (await lane.now())).toBeLessThanOrEqual(most);
    expect(await patient.heldUntil()).toBe(until);
  }
});

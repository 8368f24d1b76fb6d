import { createLane } from '@handover/core/queue';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createHoldOff } from '../../packages/core/src/genesys/hold-off.ts';
import { openTestLane, type TestLane } from './lane.ts';

let lane: TestLane;
beforeEach(() => {
  lane = openTestLane();
});
afterEach(() => lane.close());

const holdOff = (speed = 1) => createHoldOff(lane.redis, lane.lane, speed);

/** How long everybody holds off from now, in ms; a little short, for the clock runs on. */
async function raisedFor(retryAfterMs: number | undefined, speed?: number): Promise<number> {
  const until = await holdOff(speed).raise(retryAfterMs);
  return until - (await lane.now());
}

/** Waits until nobody holds off any more. */
const untilOver = () =>
  vi.waitUntil(async () => (await holdOff().heldUntil()) === undefined, { interval: 2, timeout: 5_000 });

/** As if the hold-off had just ended. */
const endNow = async () => lane.redis.hset(lane.keys.holdOff, 'until', (await lane.now()) - 1);

function expectBetween(value: number, least: number, most: number): void {
  expect(value).toBeGreaterThan(least);
  expect(value).toBeLessThanOrEqual(most);
}

test('nobody holds off at first', async () => {
  expect(await holdOff().heldUntil()).toBeUndefined();
});

test('a Retry-After holds everybody off until then, in every process', async () => {
  const until = await holdOff().raise(7_000);
  expectBetween(until - (await lane.now()), 6_000, 7_000);
  const other = openTestLane();
  const elsewhere = createHoldOff(other.redis, lane.lane, 1);
  expect(await elsewhere.heldUntil()).toBe(until);
  await other.close();
});

test('the latest time wins, whichever comes last', async () => {
  const late = await holdOff().raise(20_000);
  expect(await holdOff().raise(5_000)).toBe(late);
  expect(await holdOff().raise(undefined)).toBe(late);
  expect(await holdOff().heldUntil()).toBe(late);
  expectBetween(await raisedFor(30_000), 29_000, 30_000);
});

test('of many raised at once the latest wins', async () => {
  const all = await Promise.all([3, 50, 7, 20].map((seconds) => holdOff().raise(seconds * 1_000)));
  expect(await holdOff().heldUntil()).toBe(Math.max(...all));
});

test.each([180_001, 3_600_000, 1e12, 1e23])('%d ms is capped at 180 s', async (ms) => {
  expectBetween(await raisedFor(ms), 179_000, 180_000);
});

test('a lane holds off for itself alone', async () => {
  await holdOff().raise(60_000);
  const simulated = createLane('simulated', lane.prefix);
  expect(await createHoldOff(lane.redis, simulated, 100).heldUntil()).toBeUndefined();
});

test('a hold-off is over by the clock of Redis', async () => {
  await holdOff(100).raise(2_000);
  await untilOver();
  expect(await holdOff().heldUntil()).toBeUndefined();
});

describe('without Retry-After', () => {
  test('the waits double from one hold-off to the next, and jitter adds at most a fifth', async () => {
    for (const seconds of [1, 2, 4, 8, 16, 32, 64, 128]) {
      expectBetween(await raisedFor(undefined), seconds * 1_000 - 500, seconds * 1_200 + 1);
      await endNow();
    }
    for (let again = 0; again < 2; again += 1) {
      expectBetween(await raisedFor(undefined), 179_000, 180_000);
      await endNow();
    }
  });

  test('jitter spreads the waits', async () => {
    const waits = new Set<number>();
    for (let round = 0; round < 20; round += 1) {
      await lane.redis.del(lane.keys.holdOff);
      waits.add(await raisedFor(undefined));
    }
    expect(waits.size).toBeGreaterThan(5);
    expect(Math.max(...waits)).toBeLessThanOrEqual(1_201);
  });

  test('one burst of 429s doubles nothing', async () => {
    const burst = await Promise.all(Array.from({ length: 50 }, () => holdOff().raise(undefined)));
    expect(new Set(burst).size).toBe(1);
    await endNow();
    expectBetween(await raisedFor(undefined), 1_500, 2_401);
  });

  test('the waits start over once it has been quiet for a minute', async () => {
    await holdOff().raise(undefined);
    const left = await lane.redis.pttl(lane.keys.holdOff);
    expectBetween(left, 60_000, 61_201);
    await lane.redis.del(lane.keys.holdOff);
    expectBetween(await raisedFor(undefined), 500, 1_201);
  });

  test('waits that Retry-After told do not make the next one longer', async () => {
    for (let round = 0; round < 3; round += 1) {
      await holdOff().raise(5_000);
      await endNow();
    }
    expectBetween(await raisedFor(undefined), 500, 1_201);
  });
});

describe('training runs a hundred times faster', () => {
  test('with Retry-After', async () => {
    expectBetween(await raisedFor(50_000, 100), 300, 500);
  });

  test('without', async () => {
    expectBetween(await raisedFor(undefined, 100), -50, 13);
  });

  test('and so is the cap', async () => {
    expectBetween(await raisedFor(1e9, 100), 1_600, 1_800);
  });
});

import type { Reading } from '@handover/core/transfer';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Cache, createCache } from '../../packages/core/src/genesys/http/cache.ts';
import { openTestLane, type TestLane } from '../support/lane.ts';
import { PATIENTLY } from '../support/patience.ts';

const LOOK_UP_MS = 2_000;

let lane: TestLane;
let loads: number;
beforeEach(() => {
  lane = openTestLane();
  loads = 0;
});
afterEach(() => lane.close());

const cacheOf = (redis = lane.redis) => createCache(redis, lane.lane, LOOK_UP_MS);
const what = (id = 'support', ttlMs = 60_000) => ({ kind: 'queue' as const, id, ttlMs });
const reading = (value: unknown): Reading<unknown> => ({
  ...{ ok: true, value, ageMs: 0 },
  requests: [{ operation: 'queue', status: 200, ms: 1 }],
});
const failed: Reading<unknown> = {
  ...{ ok: false, failure: { kind: 'answered', status: 503 } },
  requests: [{ operation: 'queue', status: 503, ms: 1 }],
};

/** A loader that counts its calls. */
const giving = (answer: Reading<unknown> | Promise<Reading<unknown>>) => async () => {
  loads += 1;
  return answer;
};

/** A loader that waits for its result. */
function slow() {
  let answer: (reading: Reading<unknown>) => void = () => undefined;
  const answered = new Promise<Reading<unknown>>((resolve) => {
    answer = resolve;
  });
  return { load: giving(answered), answer };
}

test('a cached look-up has an age, and costs no request', async () => {
  const cache = cacheOf();
  expect(await cache.remember(what(), giving(reading({ open: true })))).toEqual(reading({ open: true }));
  await vi.waitUntil(
    async () => (await lane.redis.pttl(lane.keys.cached('queue', 'support'))) <= 59_990,
    PATIENTLY,
  );
  const again = await cache.remember(what(), giving(reading({ open: false })));
  expect(again).toMatchObject({ ok: true, value: { open: true }, requests: [] });
  expect(again.ok && again.ageMs).toBeGreaterThanOrEqual(10);
  expect(again.ok && again.ageMs).toBeLessThan(60_000);
  expect(loads).toBe(1);
});

test('50 concurrent callers in one process share one look-up, and one counts the request', async () => {
  const cache = cacheOf();
  const { load, answer } = slow();
  const all = Promise.all(Array.from({ length: 50 }, () => cache.remember(what(), load)));
  await vi.waitUntil(() => loads > 0, PATIENTLY);
  answer(reading('open'));
  const answers = await all;
  expect(loads).toBe(1);
  expect(answers.every((one) => one.ok && one.value === 'open')).toBe(true);
  expect(answers.flatMap(({ requests }) => requests)).toHaveLength(1);
});

test('50 concurrent callers in three processes share one look-up', async () => {
  const caches = [cacheOf(), cacheOf(), cacheOf()];
  const { load, answer } = slow();
  const all = Promise.all(
    Array.from({ length: 50 }, (_, index) => (caches[index % 3] as Cache).remember(what(), load)),
  );
  await vi.waitUntil(() => loads > 0, PATIENTLY);
  answer(reading('open'));
  const answers = await all;
  expect(loads).toBe(1);
  expect(answers.every((one) => one.ok && one.value === 'open')).toBe(true);
});

test('a process that asks just before another has its answer reuses it', async () => {
  // The other one finishes between our cache read and our lock.
  const late = lane.redis.duplicate();
  const take = late.set.bind(late) as (...args: unknown[]) => Promise<'OK' | null>;
  let others: Promise<unknown> | undefined;
  const set = async (...args: unknown[]) => {
    others ??= cacheOf().remember(what(), giving(reading('theirs')));
    await others;
    return take(...args);
  };
  Object.assign(late, { set });
  const answer = await cacheOf(late).remember(what(), giving(reading('ours')));
  late.disconnect();
  expect(answer).toMatchObject({ ok: true, value: 'theirs' });
  expect(loads).toBe(1);
});

test('a failure is returned to all waiting callers, and not cached', async () => {
  const cache = cacheOf();
  const { load, answer } = slow();
  const both = Promise.all([cache.remember(what(), load), cache.remember(what(), load)]);
  await vi.waitUntil(() => loads > 0, PATIENTLY);
  answer(failed);
  expect(await both).toMatchObject([{ ok: false }, { ok: false }]);
  expect(loads).toBe(1);
  expect(await cache.remember(what(), giving(reading('open')))).toMatchObject({ ok: true, value: 'open' });
  expect(loads).toBe(2);
});

test('a look-up that throws leaves nothing behind', async () => {
  const cache = cacheOf();
  const throwing = () => Promise.reject(new Error('a bug'));
  await expect(cache.remember(what(), throwing)).rejects.toThrow('a bug');
  expect(await cache.remember(what(), giving(reading('open')))).toMatchObject({ ok: true });
});

test('an invalidated entry is looked up again', async () => {
  const cache = cacheOf();
  await cache.remember(what(), giving(reading('open')));
  await cacheOf().forget('queue', 'support');
  expect(await cache.remember(what(), giving(reading('closed')))).toMatchObject({ value: 'closed' });
  expect(loads).toBe(2);
});

test('invalidating one entry keeps the others', async () => {
  const cache = cacheOf();
  await cache.remember(what('a'), giving(reading('open')));
  await cache.remember({ ...what('a'), kind: 'user' }, giving(reading('may')));
  await cache.forget('queue', 'a');
  expect(await cache.remember({ ...what('a'), kind: 'user' }, giving(failed))).toMatchObject({
    value: 'may',
  });
});

test('a time to live of 0 disables the cache', async () => {
  const cache = cacheOf();
  for (let round = 0; round < 3; round += 1)
    expect(await cache.remember(what('x', 0), giving(reading('open')))).toEqual(reading('open'));
  expect(loads).toBe(3);
  expect(await lane.redis.keys(`${lane.prefix}*`)).toEqual([]);
});

test('an entry expires after its time to live', async () => {
  const cache = cacheOf();
  await cache.remember(what('x', 20), giving(reading('open')));
  await vi.waitUntil(async () => (await lane.redis.exists(lane.keys.cached('queue', 'x'))) === 0, PATIENTLY);
  expect(await cache.remember(what('x', 20), giving(reading('closed')))).toMatchObject({ value: 'closed' });
});

test('a crashed look-up blocks others no longer than a look-up may take', async () => {
  const dead = createCache(lane.redis, lane.lane, 100);
  void dead.remember(what(), () => new Promise(() => undefined));
  await vi.waitUntil(async () => (await lane.redis.keys(`${lane.prefix}*`)).length > 0, PATIENTLY);
  const alive = createCache(lane.redis, lane.lane, 100);
  expect(await alive.remember(what(), giving(reading('open')))).toMatchObject({ ok: true, value: 'open' });
});

test.each(['x:lock', 'lock', ':', 'x:lock:lock', 'lock:x'])(
  'an id such as %s does not collide with internal keys',
  async (id) => {
    const cache = cacheOf();
    const { load, answer } = slow();
    const first = cache.remember(what('x'), load);
    await vi.waitUntil(() => loads > 0, PATIENTLY);
    expect(await cacheOf().remember(what(id), giving(reading('its own')))).toMatchObject({
      value: 'its own',
    });
    answer(reading('of x'));
    await first;
    expect(await cacheOf().remember(what(id), giving(failed))).toMatchObject({ value: 'its own' });
    expect(await cacheOf().remember(what('x'), giving(failed))).toMatchObject({ value: 'of x' });
  },
);

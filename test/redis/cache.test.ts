import type { Reading } from '@handover/core/transfer';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Cache, createCache } from '../../packages/core/src/genesys/http/cache.ts';
import { openTestLane, type TestLane } from '../support/lane.ts';
import { PATIENTLY } from '../support/patience.ts';

const LOOK_UP_MS = 60_000;

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

/** A look-up of many: gives its ids, in capitals, and notes each query. */
function many() {
  const queries: string[][] = [];
  const load = async (ids: string[]): Promise<Reading<Record<string, unknown>>> => {
    queries.push(ids);
    const value = Object.fromEntries(ids.map((id) => [id, id.toUpperCase()]));
    return { ok: true, value, ageMs: 0, requests: [{ operation: 'many', status: 200, ms: 1 }] };
  };
  return { queries, load };
}
const among = (id: string, given: object = {}) => ({
  ...{ kind: 'observed' as const, id, ttlMs: 60_000, also: [], most: 100 },
  ...given,
});

test('50 callers who want one each of 50 share one look-up, and one counts the request', async () => {
  const { queries, load } = many();
  const cache = cacheOf();
  const ids = Array.from({ length: 50 }, (_, index) => `q${index}`);
  const answers = await Promise.all(ids.map((id) => cache.rememberAmong(among(id), load)));
  expect(queries).toEqual([ids]);
  expect(answers.map((one) => one.ok && one.value)).toEqual(ids.map((id) => id.toUpperCase()));
  expect(answers.flatMap(({ requests }) => requests)).toHaveLength(1);
  expect(await cacheOf().rememberAmong(among('q7'), load)).toMatchObject({ value: 'Q7', requests: [] });
  expect(queries).toHaveLength(1);
});

test('what was wanted lately, in any process, is looked up along, and what always is', async () => {
  const { queries, load } = many();
  await cacheOf().rememberAmong(among('a', { ttlMs: 30 }), load);
  await cacheOf().rememberAmong(among('b', { ttlMs: 30 }), load);
  const isGone = async () => (await lane.redis.exists(lane.keys.cached('observed', 'a'))) === 0;
  await vi.waitUntil(isGone, PATIENTLY);
  await vi.waitUntil(
    async () => (await lane.redis.exists(lane.keys.cached('observed', 'b'))) === 0,
    PATIENTLY,
  );
  await cacheOf().rememberAmong(among('a', { also: ['z'] }), load);
  expect(queries).toEqual([['a'], ['b', 'a'], ['a', 'b', 'z']]);
  expect(await cacheOf().rememberAmong(among('z'), load)).toMatchObject({ value: 'Z', requests: [] });
});

test('a look-up of many is bounded: what is wanted now comes first, then the latest', async () => {
  const { queries, load } = many();
  const given = { most: 3, ttlMs: 1 };
  for (const id of ['a', 'b', 'c', 'd']) await cacheOf().rememberAmong(among(id, given), load);
  const cache = cacheOf();
  const wanted = ['v', 'w', 'x', 'y'];
  const answers = await Promise.all(wanted.map((id) => cache.rememberAmong(among(id, given), load)));
  expect(answers.map((one) => one.ok && one.value)).toEqual(['V', 'W', 'X', 'Y']);
  expect(queries.slice(3, 5)).toEqual([
    ['d', 'c', 'b'],
    ['v', 'w', 'x'],
  ]);
  expect(queries[5]?.[0]).toBe('y');
  expect(queries.every((ids) => ids.length <= 3)).toBe(true);
});

test('a failed look-up of many is for all who waited, and is not cached', async () => {
  const cache = cacheOf();
  let tries = 0;
  const failing = async () => {
    tries += 1;
    return failed as Reading<Record<string, unknown>>;
  };
  const both = await Promise.all(['a', 'b'].map((id) => cache.rememberAmong(among(id), failing)));
  expect(both).toMatchObject([{ ok: false }, { ok: false }]);
  expect(tries).toBe(1);
  expect(await cache.rememberAmong(among('a'), many().load)).toMatchObject({ ok: true, value: 'A' });
});

test('a look-up of many in another process is waited for', async () => {
  const { queries, load } = many();
  const waiting: (() => void)[] = [];
  const slowly = async (ids: string[]) => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return load(ids);
  };
  const first = cacheOf().rememberAmong(among('a', { also: ['b'] }), slowly);
  await vi.waitUntil(() => waiting.length > 0, PATIENTLY);
  const second = cacheOf().rememberAmong(among('b'), load);
  for (const go of waiting) go();
  expect(await first).toMatchObject({ value: 'A' });
  expect(await second).toMatchObject({ value: 'B', requests: [] });
  expect(queries).toEqual([['a', 'b']]);
});

test('those who come during a look-up of many share the next one', async () => {
  const { queries, load } = many();
  const waiting: (() => void)[] = [];
  const slowly = async (ids: string[]) => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return load(ids);
  };
  const cache = createCache(lane.redis, lane.lane, 1);
  const first = cache.rememberAmong(among('a'), slowly);
  await vi.waitUntil(() => waiting.length > 0, PATIENTLY);
  const later = ['b', 'c'].map((id) => cache.rememberAmong(among(id), load));
  await lane.redis.ping();
  expect(queries).toEqual([]);
  for (const go of waiting) go();
  expect(await Promise.all([first, ...later])).toMatchObject([
    { value: 'A' },
    { value: 'B' },
    { value: 'C' },
  ]);
  expect(queries.map((ids) => ids.slice(0, 2))).toEqual([['a'], ['b', 'c']]);
});

test('with a time to live of 0 each is looked up by itself', async () => {
  const { queries, load } = many();
  for (const id of ['a', 'b', 'a']) await cacheOf().rememberAmong(among(id, { ttlMs: 0, also: ['z'] }), load);
  expect(queries).toEqual([['a'], ['b'], ['a']]);
  expect(await lane.redis.keys(`${lane.prefix}*`)).toEqual([]);
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTokenStore } from '../../packages/core/src/redis/pace/token-store.ts';
import { openTestLane, type TestLane } from '../support/lane.ts';

const CLIENT = { url: 'https://login.example.org/oauth/token', id: 'client', secret: 'a-secret' };
const TOKEN = 'the-token-that-nobody-may-read';

let lane: TestLane;
beforeEach(() => {
  lane = openTestLane();
});
afterEach(() => lane.close());

function storeOf(change: Partial<typeof CLIENT> = {}) {
  return createTokenStore(lane.redis, lane.lane, { of: { ...CLIENT, ...change }, lockMs: 5_000, speed: 1 });
}

/** Everything in Redis under the prefix of the test, as text. */
async function everything(): Promise<string> {
  const keys = await lane.redis.keys(`${lane.prefix}*`);
  const values = await Promise.all(
    keys.map(async (key) =>
      (await lane.redis.type(key)) === 'hash' ? lane.redis.hgetall(key) : lane.redis.get(key),
    ),
  );
  return JSON.stringify([keys, values]);
}

test('another process with the same client reads the token and how old it is', async () => {
  await storeOf().keep({ token: TOKEN, lifeMs: 60_000, ageMs: 10_000 });
  const { shared, refusal } = await storeOf().recall();
  expect(refusal).toBeUndefined();
  expect(shared).toMatchObject({ token: TOKEN, lifeMs: 60_000 });
  expect(shared?.ageMs).toBeGreaterThanOrEqual(10_000);
  expect(shared?.ageMs).toBeLessThan(60_000);
});

test('neither the token nor the secret can be read in Redis', async () => {
  await storeOf().keep({ token: TOKEN, lifeMs: 60_000, ageMs: 0 });
  await storeOf().lock();
  const text = await everything();
  expect(text).toContain('token');
  for (const hidden of [TOKEN, CLIENT.secret, CLIENT.id])
    for (const form of [
      hidden,
      Buffer.from(hidden).toString('base64url'),
      Buffer.from(hidden).toString('hex'),
    ])
      expect(text).not.toContain(form);
});

test.each([{ url: 'https://login.example.com/oauth/token' }, { id: 'other' }, { secret: 'other' }])(
  'whoever differs by %o does not see it, nor the refusal, nor the lock',
  async (change) => {
    await storeOf().keep({ token: TOKEN, lifeMs: 60_000, ageMs: 0 });
    await storeOf().refuse('no', 30_000);
    await storeOf().lock();
    const other = storeOf(change);
    expect(await other.recall()).toEqual({ shared: undefined, refusal: undefined });
    expect(await other.lock()).toBeDefined();
  },
);

test('a value that was tampered with counts as none', async () => {
  await storeOf().keep({ token: TOKEN, lifeMs: 60_000, ageMs: 0 });
  const [key = ''] = await lane.redis.keys(`${lane.prefix}*token:*`);
  const [id, lifeMs, box = ''] = ((await lane.redis.get(key)) ?? '').split(' ');
  const bytes = Buffer.from(box, 'base64url');
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  for (const value of [`${id} ${lifeMs} ${bytes.toString('base64url')}`, `${id} ${lifeMs}`, 'x', '']) {
    await lane.redis.set(key, value, 'PX', 60_000);
    expect((await storeOf().recall()).shared).toBeUndefined();
  }
});

test('it expires with the token', async () => {
  await storeOf().keep({ token: TOKEN, lifeMs: 60_000, ageMs: 59_900 });
  const [key = ''] = await lane.redis.keys(`${lane.prefix}*token:*`);
  expect(await lane.redis.pttl(key)).toBeLessThanOrEqual(100);
  await storeOf({ id: 'late' }).keep({ token: TOKEN, lifeMs: 60_000, ageMs: 60_000 });
  expect((await storeOf({ id: 'late' }).recall()).shared).toBeUndefined();
});

test('only the token that was refused is dropped, not its successor', async () => {
  const store = storeOf();
  await store.keep({ token: 'second', lifeMs: 60_000, ageMs: 0 });
  await store.drop('first');
  expect((await store.recall()).shared?.token).toBe('second');
  await store.drop('second');
  expect((await store.recall()).shared).toBeUndefined();
});

test('one process at a time has the lock, and nobody releases the lock of another', async () => {
  const [one, other] = [storeOf(), storeOf()];
  const release = await one.lock();
  expect(await other.lock()).toBeUndefined();
  // As if it had expired because its process died: now it belongs to the next.
  const [key = ''] = await lane.redis.keys(`${lane.prefix}*token-lock*`);
  await lane.redis.del(key);
  expect(await other.lock()).toBeDefined();
  await release?.();
  expect(await one.lock()).toBeUndefined();
});

test('a refusal holds for all until its time, grows without Retry-After, and ends with a token', async () => {
  const before = await lane.now();
  const until = await storeOf().refuse('maintenance', 30_000);
  expect(until - before).toBeGreaterThanOrEqual(30_000);
  const { refusal } = await storeOf().recall();
  expect(refusal).toMatchObject({ why: 'maintenance', until });
  expect(refusal?.leftMs).toBeLessThanOrEqual(30_000);
  await storeOf().keep({ token: TOKEN, lifeMs: 60_000, ageMs: 0 });
  expect((await storeOf().recall()).refusal).toBeUndefined();
  const other = storeOf({ id: 'refused' });
  const [key] = await Promise.all([other.refuse('no', undefined)]).then(() =>
    lane.redis.keys(`${lane.prefix}*token-refusal*`),
  );
  const waits: number[] = [];
  for (let round = 0; round < 8; round += 1) {
    await lane.redis.hset(key ?? '', 'until', (await lane.now()) - 1);
    const from = await lane.now();
    waits.push((await other.refuse('no', undefined)) - from);
  }
  expect(waits[0]).toBeGreaterThanOrEqual(2_000);
  expect(waits[1]).toBeGreaterThanOrEqual(4_000);
  // Until the clock is read again some time passes.
  expect(Math.max(...waits)).toBeLessThan(61_000);
});

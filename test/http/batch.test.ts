import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { connected, startApi, type TestApi, transferBody } from './start-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ redisUrl: inject('redisUrl') });
  await connected(api);
});
afterAll(() => api.close());

function submit(payload: unknown, headers: Record<string, string> = {}) {
  return api.app.inject({
    method: 'POST',
    url: '/api/transfers/batch',
    headers: { 'content-type': 'application/json', ...headers },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  });
}

test('a thousand transfers are accepted in order, each with a job', async () => {
  const transfers = Array.from({ length: 1_000 }, () => transferBody());
  const key = { 'idempotency-key': randomUUID() };
  let results: { status: number; id: string }[];
  // On a busy machine Redis may answer too late; repeating with the same key completes the batch.
  do {
    const answer = await submit({ transfers }, key);
    expect(answer.statusCode).toBe(200);
    results = answer.json().results;
  } while (results.some(({ status }) => status === 503));
  expect(results).toHaveLength(1_000);
  expect(new Set(results.map(({ status }) => status))).toEqual(new Set([202]));
  for (const index of [0, 499, 999]) {
    const id = results[index]?.id ?? '';
    const shown = await api.app.inject(`/api/transfers/${id}`);
    expect(shown.json().request.callId).toBe(transfers[index]?.callId);
    expect(await api.live.queue.getJob(id)).toBeDefined();
  }
});

test('bad items do not affect the others, and the second of two for one call is refused', async () => {
  const twice = transferBody();
  const { results } = (
    await submit({
      transfers: [
        transferBody(),
        5,
        twice,
        { callId: '' },
        twice,
        transferBody({ expiresAt: '2020-01-01T00:00:00Z' }),
      ],
    })
  ).json();
  expect(results.map(({ status }: { status: number }) => status)).toEqual([202, 400, 202, 400, 409, 400]);
  expect(results[1].problem).toMatchObject({ code: 'invalid-request', errors: [{ field: 'transfer' }] });
  expect(results[3].problem.errors.map(({ field }: { field: string }) => field)).toContain('callId');
  expect(results[4].problem).toMatchObject({
    code: 'call-already-in-transfer',
    holder: { id: results[2].id },
  });
  expect(results[5].problem.errors).toEqual([{ field: 'expiresAt', message: 'is in the past' }]);
});

test.each([
  ['no list', {}],
  ['an empty list', { transfers: [] }],
  ['too many', { transfers: Array.from({ length: 1_001 }, () => 1) }],
  ['a million', { transfers: Array.from({ length: 1_000_000 }, () => 1) }],
  ['an unknown field', { transfers: [transferBody()], force: true }],
  ['a list alone', [transferBody()]],
])('%s fails the whole batch', async (_what, body) => {
  const answer = await submit(body);
  expect(answer.statusCode).toBe(400);
  expect(answer.json().code).toBe('invalid-request');
});

test('more than 4 MiB is refused', async () => {
  const answer = await submit(`{"transfers":["${'x'.repeat(4 * 1024 * 1024)}"]}`);
  expect(answer.statusCode).toBe(413);
  expect(answer.json().code).toBe('body-too-large');
});

test('a repeat under an idempotency key gets the same results', async () => {
  const headers = { 'idempotency-key': 'batch-1' };
  const twice = transferBody();
  const body = { transfers: [twice, twice, {}] };
  const first = await submit(body, headers);
  const answers = await Promise.all(Array.from({ length: 10 }, () => submit(body, headers)));
  expect(first.headers['idempotency-replayed']).toBeUndefined();
  for (const again of answers) {
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(again.json()).toEqual(first.json());
  }
});

test('concurrent batches under one key accept each item once and agree on its id', async () => {
  const body = { transfers: Array.from({ length: 20 }, () => transferBody()) };
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => submit(body, { 'idempotency-key': 'batch-race' })),
  );
  expect(new Set(answers.map(({ body: text }) => text)).size).toBe(1);
  expect(answers[0]?.json().results.every(({ status }: { status: number }) => status === 202)).toBe(true);
});

test.each([
  ['another batch', () => JSON.stringify({ transfers: [transferBody()] })],
  ['no batch', () => '{"transfers":[]}'],
  ['no JSON', () => '{"transfers":'],
])('the key of a batch with %s is 422', async (what, other) => {
  const headers = { 'idempotency-key': `reused with ${what}` };
  expect((await submit({ transfers: [transferBody()] }, headers)).statusCode).toBe(200);
  const answer = await submit(other(), headers);
  expect(answer.statusCode).toBe(422);
  expect(answer.json().code).toBe('idempotency-key-reused');
});

test('a different batch under a used key does not shorten its expiry', async () => {
  const headers = { 'idempotency-key': 'far ahead' };
  const notBefore = new Date(Date.now() + 20 * 86_400_000).toISOString();
  const [name] = await newKeys(() => submit({ transfers: [transferBody({ notBefore }), {}] }, headers));
  expect((await submit({ transfers: [transferBody()] }, headers)).statusCode).toBe(422);
  expect(await api.redis.pttl(name ?? '')).toBeGreaterThan(20 * 86_400_000);
});

/** The idempotency keys with an expiry that were created meanwhile. */
async function newKeys(run: () => Promise<unknown>): Promise<string[]> {
  const list = () => api.redis.keys(`${api.prefix}:live:idempotency:*`);
  const before = new Set(await list());
  await run();
  const added = (await list()).filter((name) => !before.has(name));
  const left = await Promise.all(added.map((name) => api.redis.pttl(name)));
  return added.filter((_, index) => (left[index] ?? -1) > 0);
}

test('a repeat after a crash accepts only the missing items', async () => {
  const headers = { 'idempotency-key': 'crashed' };
  const expiresAt = new Date(Date.now() + 300).toISOString();
  const body = { transfers: [transferBody({ expiresAt }), transferBody()] };
  const first = (await submit(body, headers)).json();
  // As after a crash: the results were not stored yet.
  const names = await api.redis.keys(`${api.prefix}:live:idempotency:*`);
  const kept = await Promise.all(names.map((name) => api.redis.hget(name, 'results')));
  const name = names[kept.findIndex((results) => results?.includes(first.results[1].id))];
  await api.redis.hdel(name ?? '', 'results');
  await expect.poll(() => Date.now()).toBeGreaterThan(Date.parse(expiresAt));
  const again = await submit(body, headers);
  expect(again.json()).toEqual(first);
});

test('the key of a batch expires a day after its latest deadline', async () => {
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const { results } = (
    await submit({ transfers: [transferBody({ expiresAt }), 1] }, { 'idempotency-key': 'ttl' })
  ).json();
  const names = await api.redis.keys(`${api.prefix}:live:idempotency:*`);
  const kept = await Promise.all(names.map((name) => api.redis.hget(name, 'results')));
  const name = names[kept.findIndex((text) => text?.includes(results[0].id))];
  const left = await api.redis.pttl(name ?? '');
  expect(left).toBeGreaterThan(24.9 * 3_600_000);
  expect(left).toBeLessThanOrEqual(25 * 3_600_000);
});

import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { PATIENTLY } from '../support/patience.ts';
import { connected, settleAs, startApi, type TestApi, transferBody } from './start-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ redisUrl: inject('redisUrl') });
  await connected(api);
});
afterAll(() => api.close());

function submit(payload: unknown, headers: Record<string, string> = {}) {
  return api.app.inject({
    method: 'POST',
    url: '/api/transfers',
    headers: { 'content-type': 'application/json', ...headers },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  });
}

describe('submitting a transfer', () => {
  test('answers 202 with its location, and creates a record and a job', async () => {
    const body = transferBody({ metadata: { ticket: 'T-1' }, priority: 9 });
    const answer = await submit(body);
    expect(answer.statusCode).toBe(202);
    const { id, status } = answer.json();
    expect(status).toBe('queued');
    expect(answer.headers.location).toBe(`/api/transfers/${id}`);
    expect(await api.live.queue.getJob(id)).toMatchObject({ data: { v: 1, id }, opts: { priority: 1 } });
    const shown = await api.app.inject(`/api/transfers/${id}`);
    expect(shown.json()).toMatchObject({
      id,
      status: 'queued',
      request: body,
      outcome: null,
      attempts: 0,
      actor: { type: 'apiKey', name: 'anonymous' },
      timeline: [{ step: 'accepted', by: 'apiKey:anonymous', at: expect.stringMatching(/^\d{4}-.*Z$/) }],
    });
  });

  test('delays one with notBefore and keeps its times', async () => {
    const notBefore = new Date(Date.now() + 3_600_000).toISOString();
    const expiresAt = new Date(Date.now() + 7_200_000).toISOString();
    const answer = await submit(transferBody({ notBefore, expiresAt }));
    expect(answer.json().status).toBe('delayed');
    const job = await api.live.queue.getJob(answer.json().id);
    expect(await job?.getState()).toBe('delayed');
    const shown = await api.app.inject(answer.headers.location ?? '');
    expect(shown.json()).toMatchObject({ status: 'delayed', expiresAt, request: { notBefore, expiresAt } });
  });

  test('refuses a second one for the same call with the id of the holder', async () => {
    const body = transferBody();
    const first = (await submit(body)).json();
    const second = await submit({ ...body, userId: 'somebody-else' });
    expect(second.statusCode).toBe(409);
    expect(second.headers['content-type']).toContain('application/problem+json');
    expect(second.json()).toMatchObject({
      code: 'call-already-in-transfer',
      status: 409,
      holder: { id: first.id, href: `/api/transfers/${first.id}` },
    });
  });

  test('accepts exactly one of many concurrent ones for a call', async () => {
    const body = transferBody();
    const answers = await Promise.all(Array.from({ length: 20 }, () => submit(body)));
    expect(answers.filter(({ statusCode }) => statusCode === 202)).toHaveLength(1);
    expect(answers.filter(({ statusCode }) => statusCode === 409)).toHaveLength(19);
  });

  test('returns ids with slashes, spaces, percent signs and other scripts unchanged', async () => {
    const callId = 'a/b c%2F?#[]{}é日本🙂';
    const { id } = (await submit(transferBody({ callId }))).json();
    const shown = await api.app.inject(`/api/transfers?callId=${encodeURIComponent(callId)}`);
    expect(shown.json().items).toMatchObject([{ id, request: { callId } }]);
  });
});

describe('an idempotency key', () => {
  test('gives 50 concurrent clients one transfer and one answer', async () => {
    const body = transferBody();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => submit(body, { 'idempotency-key': 'fifty' })),
    );
    expect(new Set(answers.map(({ statusCode, body: text }) => `${statusCode} ${text}`)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true')).toHaveLength(49);
    const found = await api.app.inject(`/api/transfers?callId=${body.callId}`);
    expect(found.json().items).toHaveLength(1);
  });

  test('gives the first answer again, whatever the order of the keys of the body, bare or quoted', async () => {
    const body = transferBody();
    const first = await submit(body, { 'idempotency-key': 'order' });
    const turned = Object.fromEntries(Object.entries(body).reverse());
    const again = await submit(turned, { 'idempotency-key': '"order"' });
    expect(again.statusCode).toBe(202);
    expect(again.json()).toEqual(first.json());
    expect(again.headers.location).toBe(first.headers.location);
    expect(first.headers['idempotency-replayed']).toBeUndefined();
    expect(again.headers['idempotency-replayed']).toBe('true');
  });

  test('gives the first answer after the outcome too, without waking a worker', async () => {
    const body = transferBody();
    const headers = { 'idempotency-key': 'settled' };
    const { id } = (await submit(body, headers)).json();
    await settleAs(api, id, { status: 'transferred', confirmedBy: 'answer' });
    await api.live.queue.remove(id);
    const again = await submit(body, headers);
    expect(again.json()).toEqual({ id, status: 'queued' });
    expect(await api.live.queue.getJob(id)).toBeUndefined();
  });

  test('re-adds a lost job of an open transfer', async () => {
    const body = transferBody();
    const headers = { 'idempotency-key': 'lost-job' };
    const { id } = (await submit(body, headers)).json();
    await api.live.queue.remove(id);
    await submit(body, headers);
    expect(await api.live.queue.getJob(id)).toMatchObject({ data: { id } });
  });

  test('gives the first answer even if the body is no longer acceptable', async () => {
    const headers = { 'idempotency-key': 'past' };
    // Refused if the machine is too busy for so short a time.
    const { expiresAt, body, first } = await vi.waitUntil(async () => {
      const expiresAt = new Date(Date.now() + 250).toISOString();
      const body = transferBody({ expiresAt });
      const first = await submit(body, headers);
      return first.statusCode === 202 && { expiresAt, body, first };
    }, PATIENTLY);
    await expect.poll(() => Date.now()).toBeGreaterThan(Date.parse(expiresAt));
    const again = await submit(body, headers);
    expect(again.statusCode).toBe(202);
    expect(again.json()).toEqual(first.json());
    expect((await submit(body)).json().code).toBe('invalid-request');
  });

  test.each([
    ['another call', () => JSON.stringify(transferBody())],
    ['a body that is not valid', () => '{"callId":7}'],
    ['a body that is not JSON', () => '{"callId":'],
    ['an empty body', () => ''],
  ])('with %s is 422', async (_what, other) => {
    const headers = { 'idempotency-key': `other-${_what}` };
    expect((await submit(transferBody(), headers)).statusCode).toBe(202);
    const answer = await submit(other(), headers);
    expect(answer.statusCode).toBe(422);
    expect(answer.json().code).toBe('idempotency-key-reused');
  });

  test('is not consumed by a refused body', async () => {
    const headers = { 'idempotency-key': 'refused-first' };
    expect((await submit({}, headers)).statusCode).toBe(400);
    expect((await submit(transferBody(), headers)).statusCode).toBe(202);
  });

  test.each(['', '""', 'x'.repeat(256), '"open', '"a"; b', 'caf\u00e9'])('%j is refused', async (key) => {
    const answer = await submit(transferBody(), { 'idempotency-key': key });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().code).toBe('invalid-idempotency-key');
  });
});

describe('Prefer: wait', () => {
  test('answers 200 with the transfer as soon as it has an outcome', async () => {
    const body = transferBody();
    const from = performance.now();
    const waiting = submit(body, { prefer: 'wait=20' });
    await expect.poll(() => api.changes.watching()).toBe(1);
    const { items } = (await api.app.inject(`/api/transfers?callId=${body.callId}`)).json();
    await settleAs(api, items[0].id, { status: 'transferred', confirmedBy: 'answer' });
    const answer = await waiting;
    expect(answer.statusCode).toBe(200);
    // Shorter than the wait itself.
    expect(performance.now() - from).toBeLessThan(20_000);
    expect(answer.headers['preference-applied']).toBe('wait=20');
    expect(answer.json()).toMatchObject({ status: 'transferred', outcome: { confirmedBy: 'answer' } });
    expect(api.changes.watching()).toBe(0);
  });

  test('answers 202 after the wait', async () => {
    const answer = await submit(transferBody(), { prefer: 'respond-async, wait=1' });
    expect(answer.statusCode).toBe(202);
    expect(answer.headers['preference-applied']).toBe('wait=1');
    expect(answer.json().status).toBe('queued');
  });

  test('waits for a repeat too, and returns an existing outcome', async () => {
    const body = transferBody();
    const headers = { 'idempotency-key': 'wait-again' };
    const { id } = (await submit(body, headers)).json();
    await settleAs(api, id, { status: 'rejected', reason: 'not-permitted' });
    const again = await submit(body, { ...headers, prefer: 'wait=5' });
    expect(again.statusCode).toBe(200);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(again.json().outcome).toEqual({ status: 'rejected', reason: 'not-permitted' });
  });

  test('is ignored if malformed', async () => {
    const answer = await submit(transferBody(), { prefer: 'wait=soon' });
    expect(answer.statusCode).toBe(202);
    expect(answer.headers['preference-applied']).toBeUndefined();
  });
});

describe('an invalid body', () => {
  const past = '2020-01-01T00:00:00Z';
  test.each([
    ['no fields', {}, ['callId', 'userId', 'transferType', 'target']],
    ['an empty id', transferBody({ callId: '' }), ['callId']],
    ['a long id', transferBody({ userId: 'x'.repeat(201) }), ['userId']],
    ['a dot', transferBody({ callId: '..' }), ['callId']],
    ['a control character', transferBody({ callId: 'a\u0000b' }), ['callId']],
    ['an unknown type', transferBody({ transferType: 'warm' }), ['transferType']],
    ['an unknown target type', transferBody({ target: { type: 'phone', id: '1' } }), ['target.type']],
    ['a target without id', transferBody({ target: { type: 'queue' } }), ['target.id']],
    ['an unknown field', transferBody({ foo: 1, bar: 2 }), ['foo', 'bar']],
    ['a priority that is too high', transferBody({ priority: 10 }), ['priority']],
    ['a broken time', transferBody({ notBefore: 'soon' }), ['notBefore']],
    ['a deadline in the past', transferBody({ expiresAt: past }), ['expiresAt']],
    ['a start in the past', transferBody({ notBefore: past }), ['notBefore']],
    ['metadata that is no text', transferBody({ metadata: { a: 1 } }), ['metadata.a']],
    ['a list', [], ['body']],
    ['a number', 5, ['body']],
    ['null', null, ['body']],
  ])('%s: names every invalid field', async (_what, body, fields) => {
    const answer = await submit(body);
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    const problem = answer.json();
    expect(problem).toMatchObject({
      type: '/problems/invalid-request',
      status: 400,
      code: 'invalid-request',
    });
    expect(problem.errors.map(({ field }: { field: string }) => field)).toEqual(fields);
  });

  test.each([
    ['broken JSON', '{"a":', 'application/json', 400, 'malformed-json'],
    ['nothing', '', 'application/json', 400, 'empty-body'],
    ['plain text', 'hello', 'text/plain', 415, 'unsupported-media-type'],
    ['a form', 'a=b', 'application/x-www-form-urlencoded', 415, 'unsupported-media-type'],
    ['too much', `{"a":"${'x'.repeat(70_000)}"}`, 'application/json', 413, 'body-too-large'],
  ])('%s', async (_what, payload, type, status, code) => {
    const answer = await submit(payload, { 'content-type': type });
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ status, code });
  });

  test.each(['{"__proto__":{"a":1}}', '{"constructor":{"prototype":1}}'])(
    'reports the forbidden key of %s',
    async (payload) => {
      const answer = await submit(payload);
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toMatchObject({ code: 'malformed-json', detail: expect.stringContaining('key') });
    },
  );

  test('rejects bytes that are not UTF-8', async () => {
    const text = JSON.stringify(transferBody({ callId: '?' }));
    const payload = Buffer.from(text.replace('?', '\u00ff'), 'latin1');
    const headers = { 'content-type': 'application/json' };
    const answer = await api.app.inject({ method: 'POST', url: '/api/transfers', headers, payload });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'malformed-json', detail: 'The body is not valid UTF-8.' });
  });

  test('answers thousands of invalid fields with the first hundred and their number', async () => {
    const answer = await submit(Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [index, 1])));
    expect(answer.statusCode).toBe(400);
    expect(answer.json().errors).toHaveLength(100);
    expect(answer.json().detail).toContain('and 4999 more');
  });

  test('answers deep nesting with an idempotency key as a client error', async () => {
    const answer = await submit('['.repeat(20_000) + ']'.repeat(20_000), { 'idempotency-key': 'deep' });
    expect(answer.statusCode).toBe(400);
  });
});

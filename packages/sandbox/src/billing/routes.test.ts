import { once } from 'node:events';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { type Client, type Reply, startSandbox } from '../../test/start.ts';

const record = { billingCode: 'TRANSFER_BLIND', callId: 'c' };
const path = '/billing/records';

function bill(client: Client, key: string | undefined, body: unknown = record): Promise<Reply> {
  return client.send('POST', path, body, key === undefined ? {} : { 'idempotency-key': key });
}

/** The headers of a record signed with this secret. */
function signed(secret: string, body: string, at = new Date()): Record<string, string> {
  const webhook = new Webhook(Buffer.from(secret), { format: 'raw' });
  return {
    'idempotency-key': 'k',
    'webhook-id': 'k',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': webhook.sign('k', at, body),
  };
}

test('records a key once; the same body again is a duplicate, another body a 422', async () => {
  const { sandbox, client } = await startSandbox();
  client.token = 'none';
  const billed = once(sandbox, 'billed');
  expect(await bill(client, 'k')).toMatchObject({ status: 201, body: { status: 'recorded' } });
  const entry = { seq: 1, at: expect.any(Number), key: 'k', requests: 1, body: record, signed: false };
  expect((await billed)[0]).toEqual(entry);
  const reordered = { callId: 'c', billingCode: 'TRANSFER_BLIND' };
  expect(await bill(client, 'k', reordered)).toMatchObject({ status: 200, body: { status: 'duplicate' } });
  const other = await bill(client, 'k', { ...record, callId: 'd' });
  expect(other).toMatchObject({ status: 422, body: { message: expect.any(String) } });
  expect((await bill(client, 'l')).status).toBe(201);
  expect(sandbox.billing.entries()).toEqual([
    { ...entry, requests: 3 },
    { ...entry, seq: 2, key: 'l', requests: 1 },
  ]);
});

test('records exactly one of 50 concurrent requests with one key', async () => {
  const { client } = await startSandbox({ settings: { billingLatencyMs: { min: 0, max: 10 } } });
  const replies = await Promise.all(Array.from({ length: 50 }, () => bill(client, 'k')));
  expect(replies.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(49);
});

test.each([
  ['no key', undefined, record],
  ['an empty key', '', record],
  ['a key of 256 characters', 'k'.repeat(256), record],
  ['an array', 'k', []],
  ['a text', 'k', '"text"'],
  ['no JSON', 'k', '{'],
  ['no body', 'k', ''],
])('%s is a 400 with a message', async (_name, key, body) => {
  const { sandbox, client } = await startSandbox();
  expect(await bill(client, key, body)).toMatchObject({
    status: 400,
    body: { message: expect.any(String) },
  });
  expect(sandbox.billing.entries()).toEqual([]);
});

test('a key may have 255 characters', async () => {
  const { client } = await startSandbox();
  expect((await bill(client, 'k'.repeat(255))).status).toBe(201);
});

test('with a secret, records only recently signed bills', async () => {
  const { sandbox, client } = await startSandbox({ settings: { billingSecret: 'sécret' } });
  const body = '{"amount": 1, "city": "Zürich"}';
  const send = (headers: Record<string, string>) => client.send('POST', path, body, headers);
  const old = new Date(Date.now() - 6 * 60_000);
  for (const headers of [
    { 'idempotency-key': 'k' },
    signed('other', body),
    signed('sécret', body.replace('1', '2')),
    signed('sécret', body, old),
  ]) {
    expect(await send(headers)).toMatchObject({ status: 401, body: { message: expect.any(String) } });
  }
  expect(sandbox.billing.entries()).toEqual([]);
  expect((await send(signed('sécret', body))).status).toBe(201);
  expect(sandbox.billing.entries()).toMatchObject([{ signed: true, requests: 5 }]);
});

test('steps match by key: a scripted status records nothing, a lost answer does', async () => {
  const { sandbox, client } = await startSandbox();
  sandbox.addScript({
    operation: 'billing',
    id: 'k',
    steps: [{ status: 429, headers: { 'retry-after': '3' } }, { drop: 'before' }, { drop: 'after' }],
  });
  expect((await bill(client, 'other')).status).toBe(201);
  const limited = await bill(client, 'k');
  expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '3']);
  await expect(bill(client, 'k')).rejects.toThrow();
  expect(sandbox.billing.entries()).toHaveLength(1);
  await expect(bill(client, 'k')).rejects.toThrow();
  expect(sandbox.billing.entries()).toHaveLength(2);
  expect((await bill(client, 'k')).body.status).toBe('duplicate');
  expect(sandbox.billing.entries()[1]).toMatchObject({ key: 'k', requests: 4 });
});

test('a step for any key can answer 503 although the bill was recorded', async () => {
  const { sandbox, client } = await startSandbox();
  sandbox.addScript({ operation: 'billing', steps: [{ status: 503, effect: true }] });
  expect((await bill(client, 'k')).status).toBe(503);
  expect(sandbox.billing.entries()).toHaveLength(1);
});

test('while it is down, refuses every request and records nothing; then it recovers', async () => {
  const { sandbox, client } = await startSandbox({ settings: { billingStatus: 503 } });
  sandbox.addScript({ operation: 'billing', steps: [{ status: 500, effect: true }] });
  expect([(await bill(client, 'k')).status, (await bill(client, 'k')).status]).toEqual([500, 503]);
  expect(sandbox.billing.entries()).toEqual([]);
  await client.send('PUT', '/control/settings', { billingStatus: null });
  expect((await bill(client, 'k')).status).toBe(201);
  expect(sandbox.billing.entries()).toMatchObject([{ requests: 3 }]);
});

test('lists every request, also one without a key or an answer, in the control API', async () => {
  const { sandbox, client } = await startSandbox();
  const answered = once(sandbox, 'billingAnswered');
  await bill(client, undefined);
  expect((await answered)[0]).toMatchObject({ key: null, status: 400 });
  sandbox.addScript({ operation: 'billing', steps: [{ drop: 'before' }, { latencyMs: 20 }] });
  await expect(bill(client, 'k')).rejects.toThrow();
  await bill(client, 'k');
  const requests = [
    { at: expect.any(Number), key: null, status: 400, ms: expect.any(Number) },
    { at: expect.any(Number), key: 'k', status: null, ms: expect.any(Number) },
    { at: expect.any(Number), key: 'k', status: 201, ms: expect.any(Number) },
  ];
  expect(sandbox.billing.requests()).toEqual(requests);
  expect(sandbox.billing.requests()[2]?.ms).toBeGreaterThanOrEqual(19);
  const shown = await client.get('/control/billing');
  expect(shown.body).toEqual({ items: sandbox.billing.entries(), requests });
});

test('deleted bills can be recorded again', async () => {
  const { sandbox, client } = await startSandbox();
  await bill(client, 'k');
  expect((await client.send('DELETE', '/control/billing')).status).toBe(204);
  expect((await client.get('/control/billing')).body).toEqual({ items: [], requests: [] });
  expect((await bill(client, 'k')).status).toBe(201);
  sandbox.reset();
  expect(sandbox.billing.entries()).toEqual([]);
});

test('closing does not wait for a slow or hanging request, which records nothing', async () => {
  const { sandbox, client } = await startSandbox({ settings: { billingLatencyMs: 60_000 } });
  sandbox.addScript({ operation: 'billing', steps: [{ hang: 'before', latencyMs: 0 }] });
  const hanging = once(sandbox, 'billingAnswered');
  const first = bill(client, 'k').catch(() => 'cut');
  await hanging;
  const arrived = once(sandbox, 'request');
  const second = bill(client, 'k').catch(() => 'cut');
  expect((await arrived)[0]).toEqual({ operation: 'billing', id: 'k' });
  await sandbox.close();
  expect([await first, await second]).toEqual(['cut', 'cut']);
  expect(sandbox.billing.entries()).toEqual([]);
});

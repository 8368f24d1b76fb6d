import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { WEBHOOK_SECRET } from '../support/billing.ts';
import { connected, startApi, type TestApi, transferBody } from './start-api.ts';

let api: TestApi;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

beforeAll(async () => {
  api = await startApi({ redisUrl: inject('redisUrl'), env: { WEBHOOK_SECRET } });
  await connected(api);
});
afterAll(() => api.close());
afterEach(() => {
  vi.useRealTimers();
});

const real = Date.now;
const submit = (payload: object) => api.app.inject({ method: 'POST', url: '/api/transfers', payload });

describe.each([
  ['three minutes ahead', 3 * MINUTE],
  ['an hour ahead', 60 * MINUTE],
  ['40 days ahead', 40 * DAY],
  ['three minutes behind', -3 * MINUTE],
  ['a day behind', -DAY],
])('an API whose clock is %s', (_words, offset) => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: real() + offset });
  });
  /** As written by an upstream with a correct clock. */
  const at = (ms: number) => new Date(real() + ms).toISOString();

  test.each([
    ['a deadline in 30 s', () => ({ expiresAt: at(30_000) })],
    ['a deadline in 29 days', () => ({ expiresAt: at(29 * DAY) })],
    ['a start now', () => ({ notBefore: at(0) })],
    ['a start in 29 days', () => ({ notBefore: at(29 * DAY) })],
  ])('accepts %s, alone and in a batch', async (_what, times) => {
    expect((await submit(transferBody(times()))).statusCode).toBe(202);
    const batch = await api.app.inject({
      ...{ method: 'POST', url: '/api/transfers/batch' },
      headers: { 'idempotency-key': `${offset} ${_what}` },
      payload: { transfers: [transferBody(times())] },
    });
    expect(batch.json().results).toMatchObject([{ status: 202 }]);
  });

  test.each([
    ['expiresAt', 'is in the past', () => at(-1_000)],
    ['notBefore', 'is in the past', () => at(-2 * MINUTE)],
    ['expiresAt', 'is more than 30 days ahead', () => at(31 * DAY)],
  ])('refuses a %s that %s', async (field, message, time) => {
    const answer = await submit(transferBody({ [field]: time() }));
    expect(answer.statusCode).toBe(400);
    expect(answer.json().errors).toEqual([{ field, message }]);
  });

  test('keeps the key of a batch: a repeat gets the first answer', async () => {
    const payload = { transfers: [transferBody({ expiresAt: at(60_000) })] };
    const headers = { 'idempotency-key': `again ${offset}` };
    const post = () => api.app.inject({ method: 'POST', url: '/api/transfers/batch', headers, payload });
    const first = await post();
    const again = await post();
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(again.json()).toEqual(first.json());
  });

  test('accepts an event signed by the true time, not by its own clock', async () => {
    const body = JSON.stringify({
      ...{ id: `e${offset}`, type: 'voice.call.updated', timestamp: at(0) },
      event_data: { id: `call${offset}`, transferType: 'blind', target: { id: 'q', type: 'queue' } },
    });
    const webhook = new Webhook(Buffer.from(WEBHOOK_SECRET), { format: 'raw' });
    const post = (sentAt: number) =>
      api.app.inject({
        ...{ method: 'POST', url: '/webhooks/billing-sync', payload: body },
        headers: {
          'content-type': 'application/json',
          'webhook-id': `m${offset}`,
          'webhook-timestamp': String(Math.floor(sentAt / 1_000)),
          'webhook-signature': webhook.sign(`m${offset}`, new Date(sentAt), body),
        },
      });
    expect((await post(real())).json()).toEqual({ status: 'queued' });
    const byItsClock = await post(real() + offset);
    expect(byItsClock.statusCode).toBe(Math.abs(offset) > 5 * MINUTE ? 401 : 200);
  });
});

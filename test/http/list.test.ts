import type { Outcome } from '@handover/core/transfer';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { connected, parkUnconfirmed, settleAs, startApi, type TestApi, transferBody } from './start-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({
    redisUrl: inject('redisUrl'),
    env: { API_KEYS: 'crm=key-of-the-crm,ivr=key-of-the-ivr' },
  });
  await connected(api);
});
afterAll(() => api.close());

const bearer = (key = 'crm') => ({ authorization: `Bearer key-of-the-${key}` });
async function accept(change: Record<string, unknown> = {}, key?: string): Promise<string> {
  const payload = transferBody(change);
  const answer = await api.app.inject({
    ...{ method: 'POST', url: '/api/transfers', headers: bearer(key), payload },
  });
  return answer.json().id;
}
async function ended(outcome: Outcome, change?: Record<string, unknown>): Promise<string> {
  const id = await accept(change);
  await settleAs(api, id, outcome);
  return id;
}
const ask = (query: string) => api.app.inject({ url: `/api/transfers?${query}`, headers: bearer() });
type Item = Record<string, unknown> & { id: string };
async function list(query: string): Promise<{ items: Item[]; next: string | null; link: unknown }> {
  const answer = await ask(query);
  expect(answer.statusCode, answer.body).toBe(200);
  return { ...answer.json(), link: answer.headers.link };
}
const idsOf = ({ items }: { items: Item[] }) => items.map(({ id }) => id);

test('a filter finds its transfers, each without its timeline; of a call with it', async () => {
  const agent = 'agent-of-this-test';
  const moved = await ended({ status: 'transferred', confirmedBy: 'answer' }, { userId: agent });
  const failed = await ended(
    { status: 'failed', reason: 'conflict' },
    { userId: agent, callId: 'call-of-it' },
  );
  const open = await accept({ userId: agent }, 'ivr');
  expect(idsOf(await list(`agent=${agent}&status=failed`))).toEqual([failed]);
  expect(idsOf(await list(`agent=${agent}&reason=conflict&target=queue-1`))).toEqual([failed]);
  expect(idsOf(await list(`agent=${agent}&status=queued&key=ivr`))).toEqual([open]);
  expect(new Set(idsOf(await list(`agent=${agent}`)))).toEqual(new Set([open, failed, moved]));
  const [item] = (await list(`agent=${agent}&status=transferred`)).items;
  expect(item).toMatchObject({
    id: moved,
    status: 'transferred',
    story: expect.stringMatching(/^The call was moved/),
  });
  expect(item).not.toHaveProperty('timeline');
  expect((await list('callId=call-of-it')).items).toMatchObject([
    { id: failed, timeline: [{ step: 'accepted' }, {}] },
  ]);
});

test('pages lead on with next and with Link, through every transfer once, within the range', async () => {
  const wanted: string[] = [];
  for (let count = 0; count < 5; count += 1) wanted.push(await accept({ userId: 'page-agent' }));
  const found: string[] = [];
  let query: string | undefined = 'agent=page-agent&limit=2&from=2020-01-01&to=2100-01-01';
  while (query !== undefined) {
    const { items, next, link } = await list(query);
    found.push(...items.map(({ id }) => id));
    query = /<\/api\/transfers\?(.*)>; rel="next"/.exec(`${link}`)?.[1];
    expect(query === undefined).toBe(next === null);
  }
  expect(found).toHaveLength(5);
  expect(new Set(found)).toEqual(new Set(wanted));
  expect(idsOf(await list('agent=page-agent&to=2020-01-01'))).toEqual([]);
});

describe('nonsense is 400 and names its parameter', () => {
  test.each([
    ['status=finished', 'status'],
    ['status=failed&status=expired', 'status'],
    ['reason=because', 'reason'],
    ['callId=', 'callId'],
    [`callId=${'x'.repeat(201)}`, 'callId'],
    ['agent=%00', 'agent'],
    ['target=a%0Ab', 'target'],
    ['key=..', 'key'],
    ['from=yesterday', 'from'],
    ['from=2026-02-30', 'from'],
    ['to=2026-11-27T10:00:00', 'to'],
    ['from=2026-11-27T10:00:00Z&to=2026-11-27T10:00:00Z', 'from'],
    ['limit=0', 'limit'],
    ['limit=1001', 'limit'],
    ['limit=ten', 'limit'],
    ['cursor=x', 'cursor'],
    ['cursor=%22%3E', 'cursor'],
    ['colour=red', 'colour'],
    ['state=failed', 'state'],
  ])('%s', async (query, field) => {
    const answer = await ask(query);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'invalid-request', errors: [{ field }] });
  });

  test.each([
    ['status=nonsense', /^must be one of queued, active, /],
    ['status=failed&status=expired', /, and given once$/],
    ['agent=a&agent=b', /^must be given once$/],
    [`callId=${'x'.repeat(201)}`, /^must have at most 200 characters$/],
    ['agent=', /^must not be empty$/],
    ['limit=100000', /^must be from 1 to 1000$/],
    ['limit=-1', /^must be from 1 to 1000$/],
  ])('%s is told in words', async (query, words) => {
    expect((await ask(query)).json().errors[0].message).toMatch(words);
  });

  test('a cursor of other filters, or of another list', async () => {
    for (let count = 0; count < 2; count += 1) await accept({ userId: 'cursor-agent' });
    const { next } = await list('agent=cursor-agent&limit=1');
    for (const query of ['agent=page-agent', 'agent=cursor-agent&status=queued', '']) {
      const answer = await ask(`${query}&cursor=${next}`);
      expect(answer.statusCode).toBe(400);
      expect(answer.json().errors).toMatchObject([{ field: 'cursor' }]);
    }
    const bills = await api.app.inject({ url: `/api/billing/records?cursor=${next}`, headers: bearer() });
    expect(bills.statusCode).toBe(400);
  });

  test.each(['HEAD', 'POST'] as const)('the stream takes no parameters, and no %s', async (method) => {
    const asked = await api.app.inject({ url: '/api/transfers/stream?status=failed', headers: bearer() });
    expect(asked.json()).toMatchObject({ code: 'invalid-request', errors: [{ field: 'status' }] });
    const other = await api.app.inject({ method, url: '/api/transfers/stream', headers: bearer() });
    expect(other.statusCode).toBeGreaterThanOrEqual(400);
    expect(other.statusCode).toBeLessThan(500);
  });
});

describe('what an open transfer waits for', () => {
  const shown = async (id: string) =>
    (await api.app.inject({ url: `/api/transfers/${id}`, headers: bearer() })).json();

  test('its start, its turn, an operator, a hold-off, the budget', async () => {
    const notBefore = new Date(Date.now() + 3_600_000).toISOString();
    expect((await shown(await accept({ notBefore }))).waitingFor).toEqual({
      reason: 'not-before',
      until: notBefore,
    });
    const id = await accept();
    expect((await shown(id)).waitingFor).toEqual({ reason: 'turn' });
    expect((await shown(id)).story).toBe('The call waits for a worker to move it to queue queue-1.');
    await api.live.queue.pause();
    expect((await shown(id)).waitingFor).toEqual({ reason: 'paused' });
    await api.live.queue.resume();
    await api.live.queue.rateLimit(60_000);
    expect((await shown(id)).waitingFor).toEqual({ reason: 'budget', until: expect.any(String) });
    const until = Date.now() + 30_000;
    await api.redis.hset(api.live.store.keys.holdOff, 'until', until);
    expect((await shown(id)).waitingFor).toEqual({
      reason: 'hold-off',
      until: new Date(until).toISOString(),
    });
    expect((await list('status=queued&limit=1')).items[0]?.waitingFor).toMatchObject({ reason: 'hold-off' });
    await api.redis.del(api.live.store.keys.holdOff, api.live.queue.toKey('limiter'));
  });

  test('an operator, without a time, once it was unconfirmed too long; nothing with an outcome', async () => {
    const id = await accept();
    await parkUnconfirmed(api, id);
    expect(await shown(id)).toMatchObject({
      waitingFor: { reason: 'confirmation' },
      story: expect.stringContaining('an operator must look'),
    });
    expect(await shown(await ended({ status: 'expired' }))).not.toHaveProperty('waitingFor');
  });
});

test('while Redis is away a list is 503', async () => {
  const away = await startApi({ redisUrl: 'redis://127.0.0.1:1' });
  for (const url of ['/api/transfers', '/api/transfers/stream'])
    expect((await away.app.inject(url)).statusCode).toBe(503);
  await away.close();
});

test('without a history, a range that begins before what Redis keeps says what may be missing', async () => {
  const told = async (query: string) => (await ask(query)).json().incomplete;
  expect(await told('limit=1')).toBeUndefined();
  expect(await told(`limit=1&from=${new Date(Date.now() - 60_000).toISOString()}`)).toBeUndefined();
  expect(await told('limit=1&from=2020-01-01')).toMatch(/^Redis has forgotten .*history is not configured/);
});

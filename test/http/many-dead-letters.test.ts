import { randomUUID } from 'node:crypto';
import { createActionStore } from '@handover/core/redis';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { connected, parkUnconfirmed, settleAs, startApi, type TestApi, transferBody } from './start-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ redisUrl: inject('redisUrl') });
  await connected(api);
});
afterAll(() => api.close());

const post = (url: string, payload: object) => api.app.inject({ method: 'POST', url, payload });
const act = (what: 'replay' | 'resolve', payload: object) => post(`/api/dead-letters/${what}`, payload);
const read = async (url: string) => (await api.app.inject(url)).json();

async function accept(userId: string): Promise<string> {
  return (await post('/api/transfers', transferBody({ userId }))).json().id;
}
async function fail(agent: string): Promise<string> {
  const id = await accept(agent);
  await settleAs(api, id, { status: 'failed', reason: 'conflict' });
  return id;
}
async function park(agent: string, how?: Parameters<typeof parkUnconfirmed>[2]): Promise<string> {
  const id = await accept(agent);
  await parkUnconfirmed(api, id, how);
  return id;
}
const hold = (agent: string) => park(agent, { intents: [], held: { from: Date.now() } });
const anAgent = () => `agent-${randomUUID().slice(0, 8)}`;

describe('the list', () => {
  test('is paged, newest first, without timelines', async () => {
    const agent = anAgent();
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) ids.unshift(await fail(agent));
    const seen: string[] = [];
    let cursor = '';
    for (let pages = 0; pages < 3; pages += 1) {
      const answer = await api.app.inject(`/api/dead-letters?agent=${agent}&limit=2${cursor}`);
      const { items, next } = answer.json();
      expect(items.every((item: object) => !('timeline' in item))).toBe(true);
      expect(answer.headers.link).toEqual(
        next === null ? undefined : expect.stringContaining(`cursor=${next}`),
      );
      seen.push(...items.map(({ id }: { id: string }) => id));
      cursor = `&cursor=${next}`;
    }
    expect(cursor).toBe('&cursor=null');
    expect(seen).toEqual(ids);
  });

  test('pages of letters of the same millisecond have neither gaps nor repeats', async () => {
    const agent = anAgent();
    const ids = await Promise.all(Array.from({ length: 7 }, () => fail(agent)));
    const at = Date.UTC(2020, 0, 1);
    await api.redis.zadd(api.live.store.keys.dead, ...ids.flatMap((id) => [at, id]));
    const seen: string[] = [];
    for (let next: string | null = ''; next !== null && seen.length < 9; ) {
      const range = 'from=2020-01-01&to=2020-01-01';
      const page = await read(`/api/dead-letters?${range}&limit=2${next === '' ? '' : `&cursor=${next}`}`);
      expect(page.items.every(({ since }: { since: string }) => since === new Date(at).toISOString())).toBe(
        true,
      );
      seen.push(...page.items.map(({ id }: { id: string }) => id));
      next = page.next;
    }
    expect(seen).toEqual(ids.sort().reverse());
  });

  test('takes the filters of the list and the kind; of a call with its timeline', async () => {
    const agent = anAgent();
    const failed = await fail(agent);
    const unconfirmed = await park(agent);
    const held = await hold(agent);
    const found = async (query: string) =>
      (await read(`/api/dead-letters?agent=${agent}&${query}`)).items.map(({ id }: { id: string }) => id);
    expect(await found('kind=failed')).toEqual([failed]);
    expect(await found('kind=unconfirmed')).toEqual([unconfirmed]);
    expect(await found('kind=held')).toEqual([held]);
    expect(await found('reason=conflict&status=failed&target=queue-1')).toEqual([failed]);
    expect(await found('to=2020-01-01')).toEqual([]);
    const { callId } = (await api.live.store.recordOf(held))?.request ?? {};
    const { items } = await read(`/api/dead-letters?callId=${callId}`);
    expect(items).toMatchObject([{ id: held, kind: 'held', timeline: [{ step: 'accepted' }, {}] }]);
  });

  test.each([
    ['kind=dead', 'kind'],
    ['status=dead', 'status'],
    ['from=2026-11-02&to=2026-11-01', 'from'],
    ['cursor=YWJj', 'cursor'],
    ['billing=true', 'billing'],
  ])('refuses %s', async (query, field) => {
    const answer = await api.app.inject(`/api/dead-letters?${query}`);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().errors.map((error: { field: string }) => error.field)).toEqual([field]);
  });
});

describe('a preview', () => {
  test('says how many, of which kind, why, and which, and changes nothing', async () => {
    const agent = anAgent();
    const [first, second] = [await fail(agent), await fail(agent)];
    const unconfirmed = await park(agent);
    const held = await hold(agent);
    const body = { filter: { agent }, dryRun: true };
    const counts = {
      ...{ dryRun: true, total: 4, more: false },
      ...{ byKind: { failed: 2, unconfirmed: 1, held: 1 }, byReason: { conflict: 2 } },
    };
    expect((await act('replay', body)).json()).toEqual({
      ...counts,
      ...{ skipped: { held: 1 }, ids: [first, second, unconfirmed] },
    });
    expect((await act('resolve', { ...body, happened: true })).json()).toEqual({
      ...counts,
      ...{ skipped: { 'not-unconfirmed': 2 }, ids: [unconfirmed, held] },
    });
    const ofHeld = await act('replay', { ...body, filter: { agent, kind: 'held' } });
    expect(ofHeld.json()).toMatchObject({ total: 1, skipped: {}, ids: [held] });
    expect((await read(`/api/dead-letters?agent=${agent}`)).items).toHaveLength(4);
  });

  test('counts ids that are no dead letters', async () => {
    const agent = anAgent();
    const [dead, open] = [await fail(agent), await accept(agent)];
    const filter = { ids: [dead, open, 'unknown', dead] };
    expect((await act('replay', { filter, reason: 'x', dryRun: true })).json()).toMatchObject({
      ...{ total: 3, skipped: { 'not-a-dead-letter': 2 }, ids: [dead] },
    });
  });
});

describe('bad input', () => {
  test.each([
    [{}, ['filter']],
    [{ all: true, kind: 'failed' }, ['filter.all']],
    [{ all: false }, ['filter.all']],
    [{ kind: 'dead', status: 'dead', reason: 'dead' }, ['filter.status', 'filter.reason', 'filter.kind']],
    [{ phone: '1', agents: ['a'] }, ['filter.phone', 'filter.agents']],
    [{ from: '2026-11-02', to: '2026-11-01' }, ['filter.from']],
    [{ from: 'yesterday' }, ['filter.from']],
    [{ ids: [] }, ['filter.ids']],
    [{ ids: 'all' }, ['filter.ids']],
    [{ billing: true, agent: 'a', kind: 'failed' }, ['filter.agent', 'filter.kind']],
    [{ agent: '' }, ['filter.agent']],
    [null, ['filter']],
  ])('the filter %j is refused by the names of its fields', async (filter, fields) => {
    const answer = await act('replay', { filter, reason: 'x' });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().code).toBe('invalid-request');
    expect(answer.json().errors.map(({ field }: { field: string }) => field)).toEqual(fields);
  });

  test('so are 10,000 ids', async () => {
    const filter = { ids: Array.from({ length: 10_000 }, () => randomUUID()) };
    const answer = await act('replay', { filter, reason: 'x' });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({
      code: 'invalid-request',
      errors: [{ field: 'filter.ids', message: 'must be at most 1000 ids; use the other filters for more' }],
    });
  });

  test('so is everything beside it', async () => {
    const fields = async (what: 'replay' | 'resolve', body: object) =>
      (await act(what, body)).json().errors.map(({ field }: { field: string }) => field);
    expect(await fields('replay', { reason: ' ', dryRun: 'yes', how: 1 })).toEqual([
      ...['reason', 'filter', 'dryRun', 'how'],
    ]);
    expect(await fields('resolve', { filter: { billing: true }, reason: 'x' })).toEqual([
      ...['happened', 'filter.billing'],
    ]);
    expect(await fields('replay', { filter: { all: true } })).toEqual(['reason']);
    expect(await fields('resolve', { filter: { all: true }, happened: true, dryRun: false })).toEqual([
      'reason',
    ]);
    expect((await read('/api/actions')).items).toEqual([]);
  });

  test('an unknown action is 404', async () => {
    expect((await read('/api/actions/nope')).code).toBe('action-not-found');
    expect((await post('/api/actions/nope/stop', { reason: 'x' })).json().code).toBe('action-not-found');
    expect((await post('/api/actions/nope/stop', {})).statusCode).toBe(400);
  });
});

describe('an action', () => {
  test('over nothing is done at once', async () => {
    const answer = await act('resolve', { filter: { agent: anAgent() }, happened: false, reason: 'x' });
    expect(answer.statusCode).toBe(202);
    const { id } = answer.json();
    expect(await read(`/api/actions/${id}`)).toMatchObject({
      ...{
        id,
        action: 'resolve',
        happened: false,
        status: 'done',
        total: 0,
        done: 0,
        failed: 0,
        skipped: {},
      },
      endedAt: expect.any(String),
    });
  });

  test('is stopped once, with its audit, and forgets what was left', async () => {
    const agent = anAgent();
    await fail(agent);
    const { id } = (await act('replay', { filter: { agent }, reason: 'it is back' })).json();
    expect((await read('/api/actions')).items[0]).toMatchObject({ id, status: 'running', endedAt: null });
    const stop = async (reason: string) => (await post(`/api/actions/${id}/stop`, { reason })).json();
    const stopped = await stop('a mistake');
    expect(stopped).toMatchObject({ id, status: 'stopped', total: 1, done: 0, endedAt: expect.any(String) });
    expect(await stop('again')).toEqual(stopped);
    const { items } = await read('/api/audit');
    expect(items.filter(({ thing }: { thing: string }) => thing === id)).toMatchObject([
      { action: 'stop', actor: 'operator:local', reason: 'a mistake' },
      { action: 'replay-many', actor: 'operator:local', reason: 'it is back' },
    ]);
    const { action, actionLeft, actionsRunning } = api.live.store.keys;
    expect(await api.redis.exists(actionLeft(id), actionsRunning)).toBe(0);
    expect(await api.redis.pttl(action(id))).toBeGreaterThan(34 * 24 * 3_600_000);
  });

  test('that cannot be written down is refused', async () => {
    const { audit } = api.live.store.keys;
    await api.redis.rename(audit, `${audit}-aside`);
    await api.redis.set(audit, 'not a stream');
    const agent = anAgent();
    await fail(agent);
    expect((await act('replay', { filter: { agent }, reason: 'x' })).statusCode).toBe(500);
    expect(await api.redis.exists(api.live.store.keys.actionsRunning)).toBe(0);
    await api.redis.rename(`${audit}-aside`, audit);
  });

  test('belongs to one worker at a time, and to another one after a while', async () => {
    const agent = anAgent();
    const [first, second] = [await fail(agent), await fail(agent)];
    const { id } = (await act('replay', { filter: { agent }, reason: 'x' })).json();
    const actions = createActionStore(api.redis, api.live.store.lane);
    const take = (owner: string, result?: 'done', rests?: string) =>
      actions.take(id, { owner, result, rests });
    expect(await take('one')).toEqual({ is: 'next', id: first, again: false });
    const heldFor = Number(await api.redis.hget(api.live.store.keys.action(id), 'heldUntil')) - Date.now();
    expect(heldFor).toBeLessThanOrEqual(5_000);
    await api.redis.hset(api.live.store.keys.action(id), 'heldUntil', Date.now() + 600_000);
    expect(await take('two')).toEqual({ is: 'held' });
    await api.redis.hset(api.live.store.keys.action(id), 'heldUntil', 1);
    expect(await take('two')).toEqual({ is: 'next', id: first, again: true });
    // A worker that was paused meanwhile counts nothing.
    expect(await take('one', 'done')).toEqual({ is: 'held' });
    expect(await take('two', 'done', 'the queue is paused')).toEqual({ is: 'rests' });
    expect(await read(`/api/actions/${id}`)).toMatchObject({ done: 1, waitsFor: 'the queue is paused' });
    expect(await take('one')).toEqual({ is: 'next', id: second, again: false });
    expect(await take('one', 'done')).toEqual({ is: 'done' });
    expect(await take('one')).toEqual({ is: 'done' });
    expect(await read(`/api/actions/${id}`)).toMatchObject({ status: 'done', total: 2, done: 2 });
    expect(await actions.running()).toEqual([]);
    expect(await actions.take('unknown', { owner: 'one' })).toEqual({ is: 'unknown' });
  });
});

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { connected, parkUnconfirmed, settleAs, startApi, type TestApi, transferBody } from './start-api.ts';

const ENV = {
  API_KEYS: 'crm=key-of-the-crm,ops:operate=key-of-the-ops,chief:admin=key-of-the-chief',
  ADMIN_USER: 'boss',
  ADMIN_PASSWORD: 'long enough',
};
const LOGIN = { authorization: `Basic ${Buffer.from('boss:long enough').toString('base64')}` };
const OPS = { authorization: 'Bearer key-of-the-ops' };
const CRM = { authorization: 'Bearer key-of-the-crm' };

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ redisUrl: inject('redisUrl'), env: ENV });
  await connected(api);
});
afterAll(() => api.close());

type Entry = Record<'id' | 'at' | 'actor' | 'role' | 'action' | 'thing' | 'reason', string>;
const audit = async (query = ''): Promise<{ items: Entry[]; next: string | null }> =>
  (await api.app.inject({ url: `/api/audit${query}`, headers: LOGIN })).json();
const of = async (thing: string) => (await audit()).items.filter((entry) => entry.thing === thing);

const post = (url: string, payload: object, headers = LOGIN) =>
  api.app.inject({ method: 'POST', url, payload, headers });

async function submit(): Promise<string> {
  return (await post('/api/transfers', transferBody(), CRM)).json().id;
}

async function failed(): Promise<string> {
  const id = await submit();
  await settleAs(api, id, { status: 'failed', reason: 'conflict' });
  return id;
}

const about = (thing: string) => ({ id: expect.any(String), at: expect.any(String), thing });

describe('an action is written down, with who, as what, and why', () => {
  test('a replay', async () => {
    const id = await failed();
    expect((await post(`/api/dead-letters/${id}/replay`, { reason: 'it is "back"' })).statusCode).toBe(200);
    expect(await of(id)).toEqual([
      { ...about(id), actor: 'operator:boss', role: 'operate', action: 'replay', reason: 'it is "back"' },
    ]);
  });

  test('a decision', async () => {
    const id = await submit();
    await parkUnconfirmed(api, id);
    const word = { happened: true, reason: 'seen by Anna' };
    expect((await post(`/api/dead-letters/${id}/resolve`, word, OPS)).statusCode).toBe(200);
    expect(await of(id)).toEqual([
      {
        ...{ ...about(id), actor: 'apiKey:ops', role: 'operate', action: 'resolve' },
        reason: 'it happened: seen by Anna',
      },
    ]);
  });

  test('a cancellation', async () => {
    const id = await submit();
    await api.app.inject({ method: 'DELETE', url: `/api/transfers/${id}`, headers: CRM });
    // Repeating it cancels nothing more.
    await api.app.inject({ method: 'DELETE', url: `/api/transfers/${id}`, headers: OPS });
    expect(await of(id)).toEqual([
      { ...about(id), actor: 'apiKey:crm', role: '', action: 'cancel', reason: '' },
    ]);
  });

  test('and what changed nothing is not', async () => {
    const id = await submit();
    await post(`/api/dead-letters/${id}/replay`, { reason: 'not dead' });
    await post(`/api/dead-letters/${id}/resolve`, { happened: true, reason: 'not unconfirmed' });
    expect(await of(id)).toEqual([]);
  });
});

describe('an action that cannot be written down is refused', () => {
  let broken: TestApi;
  beforeAll(async () => {
    broken = await startApi({ redisUrl: inject('redisUrl'), env: ENV });
    await connected(broken);
  });
  afterAll(() => broken.close());

  async function acceptedThere(): Promise<string> {
    const payload = transferBody();
    const answer = await broken.app.inject({ method: 'POST', url: '/api/transfers', payload, headers: CRM });
    return answer.json().id;
  }

  test('replay, decision, cancellation, pause: nothing has changed', async () => {
    const [dead, unconfirmed, open] = [await acceptedThere(), await acceptedThere(), await acceptedThere()];
    await settleAs(broken, dead, { status: 'failed', reason: 'conflict' });
    await parkUnconfirmed(broken, unconfirmed);
    await broken.redis.set(broken.live.store.keys.audit, 'not a stream');
    const ids = [dead, unconfirmed, open];
    const state = async () =>
      JSON.stringify([
        await Promise.all(ids.map((id) => broken.live.store.get(id))),
        await broken.counters.total(),
        await broken.live.queue.isPaused(),
      ]);
    const before = await state();
    const requests = [
      ['POST', `/api/dead-letters/${dead}/replay`, { reason: 'x' }],
      ['POST', `/api/dead-letters/${unconfirmed}/resolve`, { happened: true, reason: 'x' }],
      ['DELETE', `/api/transfers/${open}`, undefined],
      ['POST', '/api/queues/transfers/pause', { reason: 'x' }],
    ] as const;
    for (const [method, url, payload] of requests) {
      const answer = await broken.app.inject({ method, url, headers: LOGIN, ...(payload && { payload }) });
      expect(answer.statusCode, url).toBeGreaterThanOrEqual(500);
    }
    expect(await state()).toBe(before);
  });
});

describe('the list', () => {
  test('is the newest first, in pages, of which none repeats or leaves out an entry', async () => {
    for (let time = 0; time < 7; time++) await api.app.inject(cancelOf(await submit()));
    const all = (await audit('?limit=1000')).items;
    expect(all.map(({ id }) => id)).toEqual([...all.map(({ id }) => id)].sort(later));
    const seen: Entry[] = [];
    let query = '?limit=3';
    for (let next: string | null = ''; next !== null; query = `?limit=3&cursor=${next}`) {
      const page = await audit(query);
      seen.push(...page.items);
      next = page.next;
    }
    expect(seen).toEqual(all);
  });

  test('is filtered by actor, action, thing and time', async () => {
    const { items } = await audit('?limit=1000');
    const only = (wanted: (entry: Entry) => boolean) => items.filter(wanted);
    expect((await audit('?actor=crm')).items).toEqual(only(({ actor }) => actor === 'apiKey:crm'));
    expect((await audit('?actor=operator:boss')).items).toEqual(
      only(({ actor }) => actor === 'operator:boss'),
    );
    expect((await audit('?action=resolve')).items).toEqual(only(({ action }) => action === 'resolve'));
    const [{ thing } = { thing: '' }] = only((entry) => entry.thing !== '');
    expect((await audit(`?thing=${thing}`)).items).toEqual(only((entry) => entry.thing === thing));
    expect((await audit('?thing=no-such-transfer')).items).toEqual([]);
    const [middle] = items.slice(3);
    const at = encodeURIComponent(middle?.at ?? '');
    const [before, after] = [(await audit(`?to=${at}`)).items, (await audit(`?from=${at}`)).items];
    expect([...after, ...before].map(({ id }) => id)).toEqual(items.map(({ id }) => id));
    expect((await audit('?from=2100-01-01')).items).toEqual([]);
    expect((await audit('?to=2000-01-01')).items).toEqual([]);
  });

  test('looks at no more than 1,000 entries for a filter: a page may be short, and still have a next', async () => {
    const { audit: key } = api.live.store.keys;
    const first = (await audit('?action=resolve')).items;
    const fields = ['actor', 'operator:robot', 'role', '', 'action', 'pause', 'thing', 'x', 'reason', ''];
    for (let round = 0; round < 12; round++) {
      const hundred = api.redis.pipeline();
      for (let time = 0; time < 100; time++) hundred.xadd(key, '*', ...fields);
      await hundred.exec();
    }
    const page = await audit('?action=resolve');
    expect(page.items).toEqual([]);
    expect((await audit(`?action=resolve&cursor=${page.next}`)).items).toEqual(first);
  });

  test.each([
    '?from=yesterday',
    '?from=2026-11-02&to=2026-11-01',
    '?limit=0',
    '?limit=1001',
    '?action=delete',
    '?actor=',
    '?cursor=nonsense',
    '?thing=',
    '?what=x',
  ])('%s is 400', async (query) => {
    expect((await api.app.inject({ url: `/api/audit${query}`, headers: LOGIN })).statusCode).toBe(400);
  });

  test('a cursor of another list or filter is 400', async () => {
    const { next } = await audit('?limit=1');
    const answer = await api.app.inject({ url: `/api/audit?action=pause&cursor=${next}`, headers: LOGIN });
    expect(answer.json()).toMatchObject({ code: 'invalid-request', errors: [{ field: 'cursor' }] });
  });
});

function later(one: string, other: string): number {
  const [[a = 0, b = 0] = [], [c = 0, d = 0] = []] = [one, other].map((id) => id.split('-').map(Number));
  return c - a || d - b;
}

function cancelOf(id: string) {
  return { method: 'DELETE', url: `/api/transfers/${id}`, headers: CRM } as const;
}

import type { ActionFilter } from '@handover/core/actions';
import { createActionStore } from '@handover/core/redis';
import { replay } from '@handover/core/transfer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connected, parkUnconfirmed, startApi, type TestApi } from '../http/start-api.ts';
import { contradictions } from '../support/ledger.ts';
import { openWorld, UNHURRIED, UPSTREAM, type World } from '../support/world.ts';

const ENV = { ...UNHURRIED, SERVER_ERROR_MAX_RETRIES: '0' };

let world: World;
let api: TestApi;
beforeAll(async () => {
  world = await openWorld({ workers: 2, env: ENV });
  api = await startApi({ redisUrl: world.env.REDIS_URL, prefix: world.config.queuePrefix, env: ENV });
  await connected(api);
});
afterAll(async () => {
  await world.close();
  await api.close();
});

const post = (url: string, payload: object) => api.app.inject({ method: 'POST', url, payload });
const read = async (url: string) => (await api.app.inject(url)).json();
const ended = (id: string) => expect.poll(async () => (await read(`/api/actions/${id}`)).status).toBe('done');

/** Dead letters after an outage, of their own agent. */
async function outage(count: number, userId: string): Promise<string[]> {
  world.sandbox.putUser(userId);
  world.sandbox.addScript({ operation: 'call', steps: [{ status: 503, times: 10_000 }] });
  const calls = Array.from({ length: count }, (_, index) => `${userId}-call-${index}`);
  for (const callId of calls) world.sandbox.putCall(callId);
  const ids = await Promise.all(calls.map((callId) => world.submit({ userId, callId })));
  for (const id of ids) await world.outcome(id);
  world.sandbox.clearScripts();
  return ids;
}

/** How often each was replayed, as often as it occurs. */
async function replays(ids: string[]): Promise<Record<number, number>> {
  const counts: Record<number, number> = {};
  for (const { timeline } of await world.store.getAll(ids)) {
    const times = timeline.filter(({ step }) => step === 'replayed').length;
    counts[times] = (counts[times] ?? 0) + 1;
  }
  return counts;
}

test('190 dead letters after an outage: preview, replay, progress, stop and go on; none twice', async () => {
  const ids = await outage(190, 'agent-of-190');
  const filter = { agent: 'agent-of-190', reason: 'platform-unavailable' };
  const body = { filter, reason: 'the outage is over' };
  const preview = await post('/api/dead-letters/replay', { ...body, dryRun: true });
  expect(preview.statusCode).toBe(200);
  const { ids: shown, ...counts } = preview.json();
  expect(counts).toEqual({
    ...{ dryRun: true, total: 190, skipped: {}, more: false },
    ...{ byKind: { failed: 190 }, byReason: { 'platform-unavailable': 190 } },
  });
  expect(new Set(shown)).toEqual(new Set(ids));
  expect(await replays(ids)).toEqual({ 0: 190 });

  // So slow that it is stopped long before its end.
  world.sandbox.changeSettings({ latencyMs: 300 });
  const first = await post('/api/dead-letters/replay', body);
  expect(first.statusCode).toBe(202);
  expect(first.headers.location).toBe(`/api/actions/${first.json().id}`);
  const progress = async () => read(`/api/actions/${first.json().id}`);
  await expect.poll(async () => (await progress()).done).toBeGreaterThan(0);
  expect(await progress()).toMatchObject({ status: 'running', total: 190, filter, endedAt: null });
  const stop = () => post(`/api/actions/${first.json().id}/stop`, { reason: 'let me look first' });
  expect((await stop()).json()).toMatchObject({ status: 'stopped', endedAt: expect.any(String) });
  world.sandbox.changeSettings({ latencyMs: 0 });
  const left = (await post('/api/dead-letters/replay', { ...body, dryRun: true })).json().total;
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThan(190);

  const second = (await post('/api/dead-letters/replay', body)).json().id;
  await ended(second);
  const { endedAt: _, startedAt: __, ended: ___, open: ____, ...end } = await read(`/api/actions/${second}`);
  expect(end).toEqual({
    ...{ id: second, action: 'replay', filter, reason: body.reason, actor: 'operator:local' },
    ...{ status: 'done', total: left, done: left, failed: 0, skipped: {} },
  });
  const transfers = [];
  for (const id of ids) transfers.push(await world.outcome(id));
  expect(transfers.map(({ record }) => record.status)).toEqual(ids.map(() => 'transferred'));
  expect(contradictions(world.sandbox, transfers)).toEqual([]);
  expect(await replays(ids)).toEqual({ 1: 190 });
  const stopped = { status: 'stopped', total: 190, done: 190 - left };
  expect((await stop()).json()).toMatchObject({ ...stopped, ended: { transferred: 190 - left } });
  expect(await read(`/api/actions/${second}`)).toMatchObject({ ended: { transferred: left }, open: 0 });
  const audit = await read('/api/audit?limit=1000');
  const noted = audit.items.map(({ action }: { action: string }) => action);
  expect(noted.filter((action: string) => action === 'replay')).toHaveLength(190);
  expect(noted.filter((action: string) => action !== 'replay')).toEqual([
    'replay-many',
    'stop',
    'replay-many',
  ]);
});

test('another worker goes on where one was lost, and does nothing twice', async () => {
  const [done = '', open = ''] = await outage(2, 'agent-of-the-lost');
  const actions = createActionStore(world.redis, world.store.lane);
  const filter: ActionFilter = { agent: 'agent-of-the-lost' };
  const lost = { id: 'action-of-the-lost', deed: { action: 'replay' }, filter, actor: UPSTREAM } as const;
  const start = async () => {
    await actions.start({ ...lost, reason: 'again', skipped: {} }, [done, open]);
    return actions.take(lost.id, { owner: 'lost' });
  };
  // It died after the replay, before it could say so; and the replay has failed again.
  world.sandbox.addScript({ operation: 'call', id: 'agent-of-the-lost-call-0', steps: [{ status: 503 }] });
  expect(await start()).toEqual({ is: 'next', id: done, again: false });
  await replay(world.ports, done, UPSTREAM, 'again');
  await ended(lost.id);
  expect(await actions.get(lost.id)).toMatchObject({ total: 2, done: 2, failed: 0, skipped: {} });
  expect((await world.outcome(open)).record.status).toBe('transferred');
  expect((await world.outcome(done)).record.outcome?.reason).toBe('platform-unavailable');
  expect(await replays([done, open])).toEqual({ 1: 2 });
});

const list = async (query: string) => (await read(`/api/dead-letters?${query}`)).items;

test('a replay waits while the queue is paused; a resolution does not, and leaves out what is not unconfirmed', async () => {
  const agent = 'agent-of-the-paused';
  const [failed = ''] = await outage(1, agent);
  await post('/api/queues/transfers/pause', { reason: 'for this test' });
  const parked: string[] = [];
  for (const held of [false, false, true]) {
    const id = await world.submit({ userId: agent });
    parked.push(id);
    await parkUnconfirmed(api, id, held ? { intents: [], held: { from: Date.now() } } : undefined);
  }
  const filter = { agent };
  const waiting = (await post('/api/dead-letters/replay', { filter, reason: 'x' })).json().id;
  await expect.poll(async () => (await read(`/api/actions/${waiting}`)).waitsFor).toBe('the queue is paused');
  expect(await list(`agent=${agent}`)).toHaveLength(4);
  await post(`/api/actions/${waiting}/stop`, { reason: 'first the others' });

  const word = { filter, happened: true, reason: 'the agents were asked' };
  const resolving = (await post('/api/dead-letters/resolve', word)).json().id;
  await ended(resolving);
  expect(await read(`/api/actions/${resolving}`)).toMatchObject({
    ...{ action: 'resolve', happened: true, total: 4, done: 3, failed: 0 },
    skipped: { 'not-unconfirmed': 1 },
  });
  const { timeline } = await world.get(parked[0] ?? '');
  expect(timeline.at(-1)).toMatchObject({ by: 'operator:local', detail: 'the agents were asked' });
  for (const id of parked) expect((await world.get(id)).record.status).toBe('transferred');
  expect((await list(`agent=${agent}`)).map(({ id }: { id: string }) => id)).toEqual([failed]);
  await post('/api/queues/transfers/resume', { reason: 'done' });
});

test('leaves out what changed after it began, or what another transfer holds', async () => {
  const agent = 'agent-of-the-changed';
  const [resolved = '', taken = '', left = ''] = await outage(3, agent);
  await post('/api/queues/transfers/pause', { reason: 'for this test' });
  const { id } = (await post('/api/dead-letters/replay', { filter: { agent }, reason: 'x' })).json();
  // One is replayed by somebody else, and another transfer of the second one's call is accepted.
  await replay(world.ports, resolved, UPSTREAM, 'faster');
  const { callId = '' } = (await world.get(taken)).record.request ?? {};
  await world.submit({ userId: agent, callId, notBefore: Date.now() + 600_000 });
  await post('/api/queues/transfers/resume', { reason: 'done' });
  await ended(id);
  expect(await read(`/api/actions/${id}`)).toMatchObject({
    ...{ total: 3, failed: 0 },
    ...{ done: 1, skipped: { 'not-a-dead-letter': 1, 'call-already-in-transfer': 1 } },
  });
  expect(await replays([resolved, left])).toEqual({ 1: 2 });
  expect(await replays([taken])).toEqual({ 0: 1 });
});

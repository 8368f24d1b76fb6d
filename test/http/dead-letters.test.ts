import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { connected, parkUnconfirmed, settleAs, startApi, type TestApi, transferBody } from './start-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ redisUrl: inject('redisUrl') });
  await connected(api);
});
afterAll(() => api.close());

async function accept(body = transferBody()): Promise<string> {
  const answer = await api.app.inject({ method: 'POST', url: '/api/transfers', payload: body });
  return answer.json().id;
}

async function fail(body = transferBody()): Promise<string> {
  const id = await accept(body);
  await settleAs(api, id, { status: 'failed', reason: 'platform-unavailable' });
  return id;
}

/** What a late event does. */
async function seenAfterAll(id: string): Promise<void> {
  const seen = { outcome: { status: 'transferred', confirmedBy: 'event' }, deadLetter: false } as const;
  const settlement = { guard: 'seen', actor: { type: 'worker', name: 'test' }, ...seen } as const;
  await api.records.settle(id, settlement, [{ at: 0, step: 'outcome', by: 'event', decided: 'transferred' }]);
}

const act = (id: string, what: 'replay' | 'resolve', payload: object) =>
  api.app.inject({ method: 'POST', url: `/api/dead-letters/${id}/${what}`, payload });

type Letter = { id: string; kind: string };

const letters = async (): Promise<Letter[]> => (await api.app.inject('/api/dead-letters')).json().items;

const listed = async (): Promise<string[]> => (await letters()).map(({ id }) => id);

test('lists failed, unconfirmed, held and contradicted transfers with the reason', async () => {
  const failed = await fail();
  const contradicted = await fail();
  await seenAfterAll(contradicted);
  const parked = await accept();
  await parkUnconfirmed(api, parked);
  const held = await accept();
  await parkUnconfirmed(api, held, { intents: [], held: { from: Date.now() } });
  expect((await letters()).map(({ id, kind }) => [id, kind])).toEqual(
    expect.arrayContaining([
      [failed, 'failed'],
      [contradicted, 'contradicted'],
      [parked, 'unconfirmed'],
      [held, 'held'],
    ]),
  );
});

test('a replay starts it again with a new job, and records actor and reason', async () => {
  const id = await fail();
  const old = await api.live.queue.getJob(id);
  await old?.remove();
  const answer = await act(id, 'replay', { reason: 'the platform is back' });
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toMatchObject({ id, status: 'queued', outcome: null });
  expect(answer.json().timeline.at(-1)).toMatchObject({
    step: 'replayed',
    by: 'operator:local',
    detail: 'the platform is back',
  });
  expect(await api.live.queue.getJob(id)).toBeDefined();
  expect(await listed()).not.toContain(id);
  const again = await act(id, 'replay', { reason: 'twice' });
  expect(again.statusCode).toBe(409);
  expect(again.json().code).toBe('not-a-dead-letter');
});

test('a replay is refused while its call is in another transfer', async () => {
  const body = transferBody();
  const id = await fail(body);
  const holder = await accept(body);
  const answer = await act(id, 'replay', { reason: 'again' });
  expect(answer.statusCode).toBe(409);
  expect(answer.json()).toMatchObject({ code: 'call-already-in-transfer', holder: { id: holder } });
  expect(await listed()).toContain(id);
});

test.each([
  [true, 'transferred'],
  [false, 'failed'],
])('an operator’s happened=%s settles it as %s', async (happened, status) => {
  const id = await accept();
  await parkUnconfirmed(api, id);
  const answer = await act(id, 'resolve', { happened, reason: 'the agent was asked' });
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toMatchObject({ status, outcome: { status, detail: 'the agent was asked' } });
  expect(await listed()).not.toContain(id);
  expect((await act(id, 'resolve', { happened, reason: 'again' })).json().code).toBe('not-unconfirmed');
});

test('only an unconfirmed transfer can be resolved', async () => {
  const id = await accept();
  const answer = await act(id, 'resolve', { happened: true, reason: 'guess' });
  expect(answer.statusCode).toBe(409);
  expect(answer.json().code).toBe('not-unconfirmed');
});

test.each([
  ['replay', {}, ['reason']],
  ['replay', { reason: '  ' }, ['reason']],
  ['replay', { reason: 'x'.repeat(501) }, ['reason']],
  ['resolve', { reason: 'x' }, ['happened']],
  ['resolve', { happened: 'yes', reason: '' }, ['happened', 'reason']],
] as const)('%s names every invalid field', async (what, body, fields) => {
  const answer = await act('any', what, body);
  expect(answer.statusCode).toBe(400);
  expect(answer.json().errors.map(({ field }: { field: string }) => field)).toEqual(fields);
});

test('an unknown transfer is 404', async () => {
  expect((await act('nope', 'replay', { reason: 'x' })).json().code).toBe('transfer-not-found');
  expect((await act('nope', 'resolve', { happened: true, reason: 'x' })).json().code).toBe(
    'transfer-not-found',
  );
});

import { createPauseStore } from '@handover/core/redis';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { connected, startApi, type TestApi } from './start-api.ts';

const NAMES = [
  ...[
    'transfers',
    'simulated-transfers',
    'follow-ups',
    'callbacks',
    'billing',
    'billing-http',
    'billing-postgres',
  ],
];

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ redisUrl: inject('redisUrl') });
  await connected(api);
});
afterAll(() => api.close());

const change = (name: string, action: 'pause' | 'resume', payload: object = { reason: 'maintenance' }) =>
  api.app.inject({ method: 'POST', url: `/api/queues/${name}/${action}`, payload });
const audited = async (thing: string) =>
  (await api.app.inject('/api/audit'))
    .json()
    .items.filter((entry: { thing: string }) => entry.thing === thing);
const isPaused = async (name: string) => {
  const { queues } = (await api.app.inject('/admin/queues/api/queues')).json();
  return queues.find((queue: { name: string }) => queue.name === name).isPaused;
};
const paused = async (name: string) =>
  new RegExp(`^handover(?:_simulated)?_queue_paused\\{queue="${name}"\\} (\\d)$`, 'm').exec(
    (await api.app.inject('/metrics')).body,
  )?.[1];

test.each(NAMES)('%s is paused and resumed, once, with who and why', async (name) => {
  const first = (await change(name, 'pause')).json();
  expect(first).toEqual({
    ...{ queue: name, paused: true, since: expect.any(String) },
    ...{ actor: 'operator:local', reason: 'maintenance' },
  });
  expect(Math.abs(Date.parse(first.since) - Date.now())).toBeLessThan(60_000);
  expect(await isPaused(name)).toBe(true);
  expect(await paused(name)).toBe('1');
  expect((await change(name, 'pause', { reason: 'another' })).json()).toEqual(first);
  const resumed = { queue: name, paused: false, since: null, actor: null, reason: null };
  for (let time = 0; time < 2; time++) expect((await change(name, 'resume')).json()).toEqual(resumed);
  expect(await isPaused(name)).toBe(false);
  expect(await paused(name)).toBe('0');
  expect((await audited(name)).map(({ action, reason }: Record<string, string>) => [action, reason])).toEqual(
    [
      ['resume', 'maintenance'],
      ['pause', 'maintenance'],
    ],
  );
});

describe('nonsense', () => {
  test('an unknown queue is 404, and names the queues', async () => {
    const answer = await change('transfer', 'pause');
    expect(answer.json()).toMatchObject({ code: 'queue-not-found' });
    for (const name of NAMES) expect(answer.json().detail).toContain(name);
  });

  test.each([{}, { reason: '' }, { reason: 'x'.repeat(501) }, { reason: 'x', more: 1 }])(
    'the body %j is 400',
    async (payload) => {
      expect((await change('transfers', 'pause', payload)).statusCode).toBe(400);
      expect(await isPaused('transfers')).toBe(false);
    },
  );
});

describe('the queues that are paused', () => {
  test('are told with what is known, also if a worker or a version before paused them', async () => {
    const pauses = createPauseStore(api.redis, api.live.store.lane);
    const [http] = api.billing.deliveries;
    if (http === undefined) throw new Error('no such queue');
    const all = [api.live.queue, api.billing.queue, http];
    expect(await pauses.pausedQueues(all)).toEqual([]);
    await api.billing.queue.pause();
    await pauses.pause(http, { type: 'worker', name: 'w1' }, 'the destination answered 410');
    expect(await pauses.pausedQueues(all)).toEqual([
      { queue: 'billing', since: null, actor: null, reason: null },
      {
        ...{ queue: 'billing-http', since: expect.any(Number) },
        ...{ actor: 'worker:w1', reason: 'the destination answered 410' },
      },
    ]);
    expect((await change('billing', 'pause')).json()).toMatchObject({ paused: true, actor: null });
    expect((await change('billing-http', 'pause')).json()).toMatchObject({ actor: 'worker:w1' });
    // A worker's pause is in its log, not in the audit.
    expect((await audited('billing-http')).length).toBe(2);
    for (const { name } of [api.billing.queue, http]) await change(name, 'resume');
    expect(await pauses.pausedQueues(all)).toEqual([]);
  });

  test('forget who paused them once resumed by a version before', async () => {
    const pauses = createPauseStore(api.redis, api.live.store.lane);
    const { queue } = api.live;
    await pauses.pause(queue, { type: 'operator', name: 'anna' }, 'one');
    await queue.resume();
    expect(await pauses.pausedQueues([queue])).toEqual([]);
    await pauses.pause(queue, { type: 'operator', name: 'ben' }, 'two');
    expect(await pauses.pausedQueues([queue])).toMatchObject([{ actor: 'operator:ben', reason: 'two' }]);
    await pauses.resume(queue, { type: 'operator', name: 'ben' }, 'done');
  });
});

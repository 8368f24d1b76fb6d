import type { EventTarget } from '@handover/core/billing';
import { type DeliveryQueue, queueDelivery, queueEvent } from '@handover/core/redis';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { billOf } from './billing-data.ts';
import { connected, startApi, type TestApi } from './start-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ redisUrl: inject('redisUrl') });
  await connected(api);
});
afterEach(async () => {
  for (const queue of queues()) {
    await queue.resume();
    await queue.drain(true);
  }
});
afterAll(() => api.close());

const queues = () => [api.billing.queue, ...api.billing.deliveries];
const QUEUES = ['billing', 'billing-http', 'billing-postgres'];

const board = (url: string, method: 'GET' | 'PUT' | 'PATCH' | 'POST' = 'GET', payload?: object) =>
  api.app.inject({ method, url: `/admin/queues/api${url}`, ...(payload && { payload }) });

const SECRETS = {
  callId: 'call-of-a-person',
  person: 'agent-smith-4711',
  ticket: 'ticket-that-tells-much',
};
const TELLING = new RegExp(Object.values(SECRETS).join('|'));

type ShownJob = { id: string; data: { event?: object; bill?: object } };

/** Everything that the board shows of this queue and this job. */
async function shown(queue: string, id: string): Promise<{ job: ShownJob; all: string }> {
  const urls = [
    `/queues?activeQueue=${queue}&status=latest`,
    `/queues?activeQueue=${queue}&status=waiting`,
    `/queues/${queue}/${id}`,
    `/queues/${queue}/${id}/logs`,
    `/queues/${queue}/${id}/flow`,
    `/queues/${queue}/job-data-schema`,
    `/queues/${queue}/metrics`,
    '/job-schedulers',
  ];
  const answers = await Promise.all(urls.map((url) => board(url)));
  for (const [index, answer] of answers.entries()) expect(answer.statusCode, urls[index]).toBe(200);
  const [latest] = answers;
  const found = latest?.json().queues.find(({ name }: { name: string }) => name === queue);
  return { job: found.jobs[0], all: answers.map(({ body }) => body).join('\n') };
}

async function waitingEvent(target: EventTarget): Promise<string> {
  const event = { id: 'event-9', callId: SECRETS.callId, transferType: 'blind', target, at: 1 } as const;
  await queueEvent(api.billing.queue, event);
  const [job] = await api.billing.queue.getJobs(['waiting']);
  return job?.id ?? '';
}

test('shows the billing queues beside the transfer queues, with readable names', async () => {
  const { queues: listed } = (await board('/queues')).json();
  const names = listed.map(({ name, displayName }: Record<string, string>) => [name, displayName]);
  expect(names).toEqual([
    ['transfers', 'Transfers'],
    ['follow-ups', 'Follow-ups'],
    ['callbacks', 'Callbacks'],
    ['billing', 'Billing'],
    ['billing-http', 'Billing to http'],
    ['billing-postgres', 'Billing to postgres'],
    ['simulated-transfers', 'Simulated transfers'],
  ]);
  for (const { allowRetries } of listed) expect(allowRetries).toBe(false);
});

describe('an event', () => {
  test.each([
    ['a person', { id: SECRETS.person, type: 'user' }, { id: '…11', type: 'user' }],
    ['something of which the type is not told', { id: SECRETS.person }, { id: '…11' }],
    ['a queue', { id: 'queue-1', type: 'queue' }, { id: 'queue-1', type: 'queue' }],
    ['a group', { id: 'german', type: 'skillGroup' }, { id: 'german', type: 'skillGroup' }],
  ] as const)(
    'is shown without its call; a target of type %s is masked as required',
    async (_what, target, masked) => {
      const id = await waitingEvent(target);
      const { job, all } = await shown('billing', id);
      expect(job.data.event).toEqual({
        id: 'event-9',
        callId: '…on',
        transferType: 'blind',
        target: masked,
        at: 1,
      });
      expect(all).not.toMatch(TELLING);
    },
  );

  test('with a short id shows none of it', async () => {
    const { job } = await shown('billing', await waitingEvent({ id: 'bob', type: 'user' }));
    expect(job.data.event).toMatchObject({ target: { id: '…' } });
  });

  test('is unchanged in the queue', async () => {
    const id = await waitingEvent({ id: SECRETS.person, type: 'user' });
    await shown('billing', id);
    expect((await api.billing.queue.getJob(id))?.data).toMatchObject({
      event: { callId: SECRETS.callId, target: { id: SECRETS.person } },
    });
  });
});

test.each([0, 1])('a queued bill shows no call, agent or metadata (destination %i)', async (which) => {
  const bill = billOf({
    callId: SECRETS.callId,
    target: { id: SECRETS.person, type: 'user' },
    metadata: { ticket: SECRETS.ticket, callId: SECRETS.callId, target: SECRETS.person },
  });
  const queue = api.billing.deliveries[which];
  if (queue === undefined) throw new Error('no such queue');
  await queueDelivery(queue, bill, 7);
  const { job, all } = await shown(queue.name, bill.id);
  expect(job.data).toEqual({
    v: 1,
    bill: {
      ...bill,
      callId: '…on',
      target: { id: '…11', type: 'user' },
      metadata: { ticket: '…', callId: '…', target: '…' },
    },
    tries: 0,
    since: 7,
  });
  expect(all).not.toMatch(TELLING);
});

describe.each(QUEUES)('of the queue %s', (queue) => {
  test('is shown as read-only', async () => {
    const { queues: all } = (await board('/queues')).json();
    const one = all.find(({ name }: { name: string }) => name === queue);
    expect(one).toMatchObject({ readOnlyMode: true, isPaused: false });
  });

  test.each([
    ['PUT', 'pause'],
    ['PUT', 'resume'],
    ['PUT', 'ID/retry'],
    ['PUT', 'ID/clean'],
    ['PUT', 'ID/promote'],
    ['PATCH', 'ID/update-data'],
    ['PATCH', 'ID/delay'],
    ['PATCH', 'ID/priority'],
    ['PUT', 'ID/remove-unprocessed-children'],
    ['POST', 'add'],
    ['PUT', 'retry/failed'],
    ['PUT', 'promote'],
    ['PUT', 'clean/waiting'],
    ['PUT', 'empty'],
    ['PUT', 'obliterate'],
    ['PUT', 'concurrency'],
    ['PUT', 'rate-limit'],
    ['PUT', 'rate-limit/release'],
    ['PUT', 'job-schedulers/match/remove'],
    ['PUT', 'job-schedulers/match/run'],
    ['PATCH', 'job-schedulers/match'],
  ] as const)('%s %s is refused and changes nothing', async (method, what) => {
    const one = queues().find(({ name }) => name === queue);
    await queueDelivery(one as DeliveryQueue, billOf({ id: 'a-job' }), 1);
    const answer = await board(`/queues/${queue}/${what.replace('ID', 'a-job')}`, method, {});
    expect(answer.statusCode).toBe(403);
    expect(await one?.getWaitingCount()).toBe(1);
    expect((await one?.getJob('a-job'))?.data).toMatchObject({ tries: 0, since: 1 });
  });
});

test('tolerates a job of another shape', async () => {
  await api.billing.queue.add('event', { v: 2, event: { target: null, metadata: null } });
  const answer = await board('/queues?activeQueue=billing&status=waiting');
  expect(answer.statusCode).toBe(200);
});

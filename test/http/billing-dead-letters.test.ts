import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Bill, eventKey } from '@handover/core/billing';
import { queueDelivery } from '@handover/core/redis';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openWorld, type World } from '../support/world.ts';
import { billOf } from './billing-data.ts';
import { connected, settleAs, startApi, type TestApi, transferBody } from './start-api.ts';
import { bearer, RAW, send, transferEvent } from './webhook-events.ts';

/** A destination of bills: answers this status, and keeps the requests. */
function createReceiver() {
  const got: Bill[] = [];
  /** The ids of bills that are answered 409. */
  const busy = new Set<string>();
  const receiver = { status: 200, got, busy };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const bill = JSON.parse(body) as Bill;
    const status = busy.has(bill.id) ? 409 : receiver.status;
    if (status === 200) got.push(bill);
    response.writeHead(status).end();
  });
  return { receiver, server };
}

const { receiver, server } = createReceiver();
let world: World;
let api: TestApi;
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/bills`;
  const env = {
    WEBHOOK_SECRET: RAW,
    BILLING_URL: url,
    BILLING_REORDER_WINDOW_MS: '0',
    BILLING_RETRY_DELAY_MS: '200',
  };
  world = await openWorld({ env });
  api = await startApi({ redisUrl: world.env.REDIS_URL, prefix: world.config.queuePrefix, env });
  await connected(api);
});
afterEach(async () => {
  receiver.status = 200;
  for (const queue of [api.billing.queue, ...api.billing.deliveries]) await queue.resume();
});
afterAll(async () => {
  await world.close();
  await api.close();
  server.close();
});

type Letter = {
  id: string;
  queue: string;
  at: string;
  why: string;
  tries: number;
  record?: Bill;
  event?: object;
};

const listed = async (): Promise<Letter[]> => (await api.app.inject('/api/dead-letters')).json().billing;
const letterOf = async (id: string) => (await listed()).find((letter) => letter.id === id);
const replay = (id: string, payload: object = { reason: 'it is mended' }) =>
  api.app.inject({ method: 'POST', url: `/api/dead-letters/${encodeURIComponent(id)}/replay`, payload });
const shownCount = async () =>
  Number(/^handover_billing_dead_letters (\d+)$/m.exec((await api.app.inject('/metrics')).body)?.[1]);

/** A bill that the destination refused permanently. */
async function refusedBill(change: Partial<Bill> = {}): Promise<{ id: string; bill: Bill }> {
  receiver.status = 422;
  const bill = billOf(change);
  const id = `billing-http.${bill.id}`;
  await queueDelivery(http(), bill, Date.now() - 60_000);
  await expect.poll(() => letterOf(id)).toBeDefined();
  receiver.status = 200;
  return { id, bill };
}

/** An event whose job cannot be parsed. */
async function unreadableEvent(): Promise<string> {
  const job = await api.billing.queue.add('event', { v: 2, event: {} });
  const id = `billing.${job.id}`;
  await expect.poll(() => letterOf(id)).toBeDefined();
  return id;
}

function http() {
  const [queue] = api.billing.deliveries;
  if (queue === undefined) throw new Error('no queue of deliveries');
  return queue;
}

test('lists a refused bill with its content, the reason and the number of tries', async () => {
  const from = Date.now();
  const { id, bill } = await refusedBill({ metadata: { ticket: '7' }, transferId: 'transfer-7' });
  const letter = await letterOf(id);
  expect(letter).toEqual({
    id,
    queue: 'billing-http',
    at: expect.any(String),
    why: 'the destination answered 422',
    tries: 1,
    record: bill,
  });
  expect(Date.parse(letter?.at ?? '')).toBeGreaterThanOrEqual(from - 1);
});

const metric = async (name: string, labels: string) =>
  Number(new RegExp(`^${name}\\{${labels}\\} (.+)$`, 'm').exec((await api.app.inject('/metrics')).body)?.[1]);

test('disables a destination that is gone, loses nothing, and resumes once an operator enables it', async () => {
  const disabled = () => metric('handover_billing_destination_disabled', 'destination="http"');
  expect(await disabled()).toBe(0);
  receiver.status = 410;
  // One is past its retry period and still waits.
  const bills = [billOf(), billOf(), billOf()];
  for (const bill of bills) await queueDelivery(http(), bill, 0);
  await expect.poll(() => http().isPaused()).toBe(true);
  await queueDelivery(http(), bills[0] ?? billOf(), 0);
  expect(await disabled()).toBe(1);
  const pause = {
    method: 'POST',
    url: '/api/queues/billing-http/pause',
    payload: { reason: 'too' },
  } as const;
  expect((await api.app.inject(pause)).json()).toMatchObject({
    actor: expect.stringMatching(/^worker:/),
    reason: 'the destination answered 410: it is gone permanently',
  });
  expect(await metric('handover_billing_destination_disabled', 'destination="postgres"')).toBe(0);
  await expect
    .poll(async () =>
      (await Promise.all(bills.map(({ id }) => http().getJobLogs(id)))).flatMap(({ logs }) => logs),
    )
    .toContain(
      'the destination answered 410: it is gone permanently; the destination is disabled until an operator resumes the queue',
    );
  receiver.status = 200;
  // Running deliveries are back in the queue, and none is taken.
  await expect.poll(() => http().getActiveCount()).toBe(0);
  const ids = bills.map(({ id }) => id);
  expect(receiver.got.filter(({ id }) => ids.includes(id))).toEqual([]);
  expect((await listed()).filter(({ record }) => ids.includes(record?.id ?? ''))).toEqual([]);
  await http().resume();
  await expect.poll(() => receiver.got.map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
  expect(await disabled()).toBe(0);
});

test('retries a bill that is busy at the destination, without delaying others', async () => {
  const [busy, other] = [billOf(), billOf()];
  receiver.busy.add(busy.id);
  await queueDelivery(http(), busy, Date.now());
  await expect
    .poll(async () => (await http().getJobLogs(busy.id)).logs)
    .toContain('try 1: the destination answered 409: it is still processing an earlier try of this record');
  expect(await world.redis.exists(world.store.keys.deliveryHoldOff('http'))).toBe(0);
  await queueDelivery(http(), other, Date.now());
  await expect.poll(() => receiver.got.map(({ id }) => id)).toContain(other.id);
  expect(receiver.got.map(({ id }) => id)).not.toContain(busy.id);
  receiver.busy.clear();
  await expect.poll(() => receiver.got.map(({ id }) => id)).toContain(busy.id);
  expect((await listed()).map(({ record }) => record?.id)).not.toContain(busy.id);
});

test('lists an event that cannot be parsed', async () => {
  const id = await unreadableEvent();
  expect(await letterOf(id)).toMatchObject({
    id,
    queue: 'billing',
    why: 'the payload of this event cannot be read',
    tries: 1,
  });
});

test('lists the newest first, across queues, beside the transfers', async () => {
  const first = (await refusedBill()).id;
  const second = await unreadableEvent();
  const third = (await refusedBill()).id;
  const ids = (await listed()).map(({ id }) => id);
  expect(ids.filter((id) => [first, second, third].includes(id))).toEqual([third, second, first]);
  const { items } = (await api.app.inject('/api/dead-letters')).json();
  expect(items).toEqual([]);
});

test('a replayed bill gets a new retry period, and is delivered', async () => {
  const { id, bill } = await refusedBill();
  const before = await http().getJob(bill.id);
  await before?.updateData({ v: 1, bill, tries: 41, since: 1 });
  await http().pause();
  const from = Date.now();
  const answer = await replay(id);
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toMatchObject({ id, why: 'the destination answered 422', tries: 42, record: bill });
  const job = await http().getJob(bill.id);
  expect(job?.data).toEqual({ v: 1, bill, tries: 0, since: expect.any(Number), nextAt: 0 });
  expect(job?.data.since).toBeGreaterThanOrEqual(from);
  expect(await http().getJobLogs(bill.id)).toMatchObject({
    logs: ['replayed by operator:local: it is mended'],
  });
  const [noted] = (await api.app.inject('/api/audit?action=replay&limit=1')).json().items;
  expect(noted).toMatchObject({ actor: 'operator:local', thing: id, reason: 'it is mended' });
  expect(await letterOf(id)).toBeUndefined();
  await http().resume();
  await expect.poll(() => receiver.got.map((got) => got.id)).toContain(bill.id);
});

test('a bill that is refused again is listed again, with its new tries', async () => {
  const { id } = await refusedBill();
  receiver.status = 400;
  expect((await replay(id)).statusCode).toBe(200);
  await expect.poll(() => letterOf(id)).toMatchObject({ why: 'the destination answered 400', tries: 1 });
});

test('a replayed event is processed', async () => {
  const id = await unreadableEvent();
  const event = {
    callId: 'call-mended',
    transferType: 'blind',
    target: { id: 't' },
    at: Date.now(),
  } as const;
  const job = await api.billing.queue.getJob(id.slice('billing.'.length));
  await job?.updateData({ v: 1, event });
  expect(await letterOf(id)).toMatchObject({ event });
  expect((await replay(id)).json()).toMatchObject({ id, event });
  await expect.poll(() => receiver.got.map((got) => got.id)).toContain(eventKey(event));
  expect(await letterOf(id)).toBeUndefined();
});

test('does not replay a job that is not a dead letter', async () => {
  const bill = billOf();
  await queueDelivery(http(), bill, Date.now());
  await expect.poll(() => receiver.got.map((got) => got.id)).toContain(bill.id);
  const done = await replay(`billing-http.${bill.id}`);
  expect(done.statusCode).toBe(409);
  expect(done.json().code).toBe('not-a-dead-letter');

  await api.billing.queue.pause();
  await send(api, transferEvent(), bearer(RAW));
  const [waiting] = await api.billing.queue.getJobs(['waiting']);
  expect((await replay(`billing.${waiting?.id}`)).statusCode).toBe(409);
});

test('many are replayed in one action, those of a time and with these ids', async () => {
  const letters = [await refusedBill(), await refusedBill(), await refusedBill()];
  const ids = letters.slice(0, 2).map(({ id }) => id);
  const post = (payload: object) =>
    api.app.inject({
      method: 'POST',
      url: '/api/dead-letters/replay',
      payload: { reason: 'mended', ...payload },
    });
  const preview = async (filter: object) =>
    (await post({ filter: { billing: true, ...filter }, dryRun: true })).json();
  expect(await preview({ to: '2020-01-01' })).toMatchObject({ total: 0, ids: [] });
  const filter = { billing: true, ids: [...ids, 'billing-http.nothing'] };
  expect(await preview({ ids: filter.ids })).toMatchObject({
    ...{ total: 3, byKind: { 'billing-http': 2 }, skipped: { 'not-a-dead-letter': 1 }, ids },
  });
  const action = (await post({ filter })).json().id;
  const progress = async () => (await api.app.inject(`/api/actions/${action}`)).json();
  await expect.poll(async () => (await progress()).status).toBe('done');
  expect(await progress()).toMatchObject({
    ...{ action: 'replay', filter, total: 3, done: 2, failed: 0, skipped: { 'not-a-dead-letter': 1 } },
  });
  const wanted = letters.slice(0, 2).map(({ bill }) => bill.id);
  await expect.poll(() => receiver.got.map(({ id }) => id)).toEqual(expect.arrayContaining(wanted));
  expect(await letterOf(letters[2]?.id ?? '')).toBeDefined();
});

test('refuses a second replay', async () => {
  const { id } = await refusedBill();
  expect((await replay(id)).statusCode).toBe(200);
  expect((await replay(id)).json().code).toBe('not-a-dead-letter');
});

test('one of several concurrent replays succeeds, the others are refused', async () => {
  const { id } = await refusedBill();
  const answers = await Promise.all([1, 2, 3, 4].map(() => replay(id)));
  expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 409, 409, 409]);
});

test.each([
  'billing.nothing',
  'billing-http.nothing',
  'billing-postgres.nothing',
  'billing-elsewhere.nothing',
  'billing.',
  'billing-http.',
  'billing',
  'billing:wait',
  'billing.meta',
  'billing.wait',
  'billing.failed',
  'billing.events',
  'billing.id',
  '../billing.x',
  'transfers.x',
  'billing.*',
])('%s is not a billing dead letter', async (id) => {
  const answer = await replay(id);
  expect(answer.statusCode).toBe(404);
  expect(answer.json().code).toBe('transfer-not-found');
});

test.each([
  [{}, ['reason']],
  [{ reason: ' ' }, ['reason']],
  [{ reason: 'x'.repeat(501) }, ['reason']],
  [{ reason: 'x', tries: 3 }, ['tries']],
])('a replay names every invalid field of %j and changes nothing', async (body, fields) => {
  const { id } = await refusedBill();
  const answer = await replay(id, body);
  expect(answer.statusCode).toBe(400);
  expect(answer.json().errors.map(({ field }: { field: string }) => field)).toEqual(fields);
  expect(await letterOf(id)).toBeDefined();
});

test('a metric counts them', async () => {
  const before = await shownCount();
  const { id } = await refusedBill();
  await unreadableEvent();
  expect(await shownCount()).toBe(before + 2);
  expect(await shownCount()).toBe((await listed()).length);
  await replay(id);
  expect(await shownCount()).toBe(before + 1);
});

test('still lists and replays transfers beside them', async () => {
  await world.queue.pause();
  const accepted = await api.app.inject({ method: 'POST', url: '/api/transfers', payload: transferBody() });
  const { id } = accepted.json();
  await settleAs(api, id, { status: 'failed', reason: 'platform-unavailable' });
  const { items, billing } = (await api.app.inject('/api/dead-letters')).json();
  expect(items).toMatchObject([{ id, status: 'failed' }]);
  expect(billing.map((letter: Letter) => letter.id)).not.toContain(id);
  const answer = await replay(id);
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toMatchObject({ id, status: 'queued', outcome: null });
  expect((await replay(id)).json().code).toBe('not-a-dead-letter');
});

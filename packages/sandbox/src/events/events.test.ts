import { once } from 'node:events';
import { expect, test } from 'vitest';
import { type Received, register, startReceiver } from '../../test/receiver.ts';
import { startSandbox } from '../../test/start.ts';
import type { SandboxOptions } from '../sandbox.ts';
import type { CallAction } from '../voice/calls.ts';

const everything = { filter: undefined };
const moveToSales: CallAction = { action: 'move', target: { id: 'sales', type: 'queue' } };

/** A sandbox with the call `c` and one webhook subscribed to every event. */
async function startWithWebhook(options: SandboxOptions = {}, change: Record<string, unknown> = everything) {
  const { sandbox, client } = await startSandbox(options);
  const receiver = await startReceiver();
  await register(client, `${receiver.url}/hook`, change);
  sandbox.putCall('c');
  return { sandbox, client, receiver };
}

function idsOf(received: Received[]): (string | undefined)[] {
  return received.map(({ event }) => event.id);
}

test.each([
  ['hang-up', { action: 'hang-up' }, { id: 'c', state: 'disconnected', privacy: false }],
  ['make-private', { action: 'make-private' }, { id: 'c', state: 'connected', privacy: true }],
  ['bump-etag', { action: 'bump-etag' }, { id: 'c', state: 'connected', privacy: false }],
  [
    'the move by someone else',
    moveToSales,
    { id: 'c', state: 'connected', privacy: false, transferType: 'blind', target: { id: 'sales' } },
  ],
] as const)('creates an event after %s, also without a subscriber', async (_name, action, eventData) => {
  const { sandbox } = await startSandbox();
  sandbox.putCall('c');
  sandbox.actOnCall('c', action);
  expect(sandbox.events.entries()).toEqual([
    {
      seq: 1,
      at: expect.any(Number),
      event: {
        id: expect.stringMatching(/^[\da-f-]{36}$/),
        type: 'voice.call.updated',
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        event_data: eventData,
      },
      dropped: false,
      sendings: [],
    },
  ]);
});

test('creating, resetting and deleting a call, and a refused transfer, create no event', async () => {
  const { sandbox, client } = await startSandbox({ seed: true });
  sandbox.putCall('c');
  sandbox.putCall('c', { state: 'held' });
  await client.transfer('c', '"old"');
  sandbox.actOnCall('nobody', { action: 'hang-up' });
  sandbox.actOnCall('call-ended', moveToSales);
  sandbox.deleteCall('c');
  expect(sandbox.events.entries()).toEqual([]);
});

test('sends a transfer through the API to the webhook, exactly as listed', async () => {
  const { sandbox, client } = await startSandbox();
  const receiver = await startReceiver();
  await register(client, `${receiver.url}/hook?token=t&x=%20`);
  const { etag } = sandbox.putCall('c');
  sandbox.putQueue('queue-1');
  await client.transfer('c', etag);
  await sandbox.events.settled();
  const [entry] = sandbox.events.entries('c');
  expect(entry?.event.event_data).toMatchObject({ transferType: 'blind', target: { id: 'queue-1' } });
  expect(receiver.received).toMatchObject([
    { url: '/hook?token=t&x=%20', headers: { 'content-type': 'application/json' }, event: entry?.event },
  ]);
  expect(entry?.sendings).toEqual([
    { at: expect.any(Number), url: `${receiver.url}/hook`, status: 200, ms: expect.any(Number) },
  ]);
});

test('the effect, its ledger entry and its event are atomic, and changes by listeners come later', async () => {
  const { sandbox } = await startSandbox();
  sandbox.putCall('c');
  const seen: unknown[] = [];
  sandbox.once('effect', () => {
    seen.push(['effect', sandbox.ledger.entries().length, sandbox.events.entries().length]);
    sandbox.actOnCall('c', { action: 'hang-up' });
  });
  const announced = once(sandbox, 'event');
  sandbox.actOnCall('c', moveToSales);
  const entries = sandbox.events.entries('c');
  expect(seen).toEqual([['effect', 1, 1]]);
  expect(entries.map(({ event }) => event.event_data.state)).toEqual(['connected', 'disconnected']);
  expect(entries).toContain((await announced)[0]);
});

test('the filter and the types select the webhooks that get an event', async () => {
  const { sandbox, client } = await startSandbox();
  const receiver = await startReceiver();
  const exists = (isWanted: boolean) => ({
    filter: { event_data: { 'voice.call.updated': { transferType: { $exists: isWanted } } } },
  });
  await register(client, `${receiver.url}/transferred`, exists(true));
  await register(client, `${receiver.url}/not-transferred`, exists(false));
  await register(client, `${receiver.url}/all`, everything);
  await register(client, `${receiver.url}/others`, { ...everything, events: ['voice.call.ended'] });
  sandbox.putCall('c');
  sandbox.actOnCall('c', { action: 'bump-etag' });
  sandbox.actOnCall('c', moveToSales);
  await sandbox.events.settled();
  const urls = sandbox.events
    .entries()
    .map(({ sendings }) => sendings.map(({ url }) => new URL(url).pathname));
  expect(urls).toEqual([
    ['/not-transferred', '/all'],
    ['/transferred', '/all'],
  ]);
});

test('sends events without ids, and with the target type, if configured', async () => {
  const { sandbox } = await startSandbox({ settings: { eventIds: false, eventTargetTypes: true } });
  sandbox.putCall('c');
  sandbox.actOnCall('c', moveToSales);
  const [entry] = sandbox.events.entries();
  expect(entry?.event).not.toHaveProperty('id');
  expect(entry?.event.event_data.target).toEqual({ id: 'sales', type: 'queue' });
});

test('the timestamps of each call strictly increase', async () => {
  const { sandbox } = await startSandbox({ now: () => 1_000 });
  sandbox.addMany({ calls: ['c', 'd'] });
  for (const id of ['c', 'c', 'd', 'c']) sandbox.actOnCall(id, { action: 'bump-etag' });
  const timestamps = sandbox.events.entries().map(({ event }) => Date.parse(event.timestamp));
  expect(timestamps).toEqual([1_000, 1_001, 1_000, 1_002]);
});

test('a skewed clock shifts the timestamps', async () => {
  const { sandbox } = await startSandbox({ now: () => 0, settings: { eventClockSkewMs: -600_000 } });
  sandbox.putCall('c');
  sandbox.actOnCall('c', { action: 'bump-etag' });
  expect(sandbox.events.entries()[0]?.event.timestamp).toBe('1969-12-31T23:50:00.000Z');
});

test('drops a share of the events', async () => {
  const draws = [0.09, 0.1, 0.5, 0.05];
  const { sandbox, receiver } = await startWithWebhook({
    settings: { eventDropRate: 0.1 },
    random: () => draws.shift() ?? 0.9,
  });
  // Only an event that is not dropped draws for duplication: 0.09 | 0.1, 0.5 | 0.05.
  for (let change = 0; change < 3; change += 1) sandbox.actOnCall('c', { action: 'bump-etag' });
  await sandbox.events.settled();
  const entries = sandbox.events.entries();
  expect(entries.map(({ dropped, sendings }) => [dropped, sendings.length])).toEqual([
    [true, 0],
    [false, 1],
    [true, 0],
  ]);
  expect(idsOf(receiver.received)).toEqual([entries[1]?.event.id]);
});

test('sends a share of the events twice, each time with its own delay', async () => {
  const draws = [0.5, 0.1, 1, 0, 0.5, 0.2, 0];
  const { sandbox, receiver } = await startWithWebhook({
    settings: { eventDuplicateRate: 0.2, eventDelayMs: { min: 0, max: 40 } },
    random: () => draws.shift() ?? 0,
  });
  // Drop, double, delay, delay of the second; drop, not doubled, delay.
  sandbox.actOnCall('c', { action: 'bump-etag' });
  sandbox.actOnCall('c', { action: 'hang-up' });
  await sandbox.events.settled();
  const [doubled, single] = sandbox.events.entries();
  expect(single?.sendings).toHaveLength(1);
  const [early, late] = doubled?.sendings.map(({ at }) => at - doubled.at) ?? [];
  expect(early).toBeLessThan(late ?? 0);
  expect(late).toBeGreaterThanOrEqual(39);
  expect(idsOf(receiver.received).filter((id) => id === doubled?.event.id)).toHaveLength(2);
  expect(draws).toEqual([]);
});

test('a range of delays reorders the events', async () => {
  const delays = [0.9, 0.9, 1, 0.9, 0.9, 0];
  const { sandbox, receiver } = await startWithWebhook({
    settings: { eventDelayMs: { min: 0, max: 100 } },
    random: () => delays.shift() ?? 0,
  });
  sandbox.actOnCall('c', { action: 'bump-etag' });
  sandbox.actOnCall('c', { action: 'hang-up' });
  await sandbox.events.settled();
  expect(receiver.received.map(({ event }) => event.event_data.state)).toEqual(['disconnected', 'connected']);
});

test('sends an event manually at once, to subscribed webhooks or any URL, under its existing entry', async () => {
  const { sandbox, receiver } = await startWithWebhook({
    settings: { eventDropRate: 1, eventDelayMs: 60_000, eventSecret: 's' },
  });
  sandbox.actOnCall('c', moveToSales);
  const [entry] = sandbox.events.entries();
  if (!entry) throw new Error('No event');
  expect(await sandbox.events.send(entry.event)).toBe(entry);
  await sandbox.events.send({ ...entry.event, timestamp: 'late' }, `${receiver.url}/elsewhere?q`);
  expect(receiver.received.map(({ url }) => url)).toEqual(['/hook', '/elsewhere?q']);
  expect(receiver.received[1]?.headers['webhook-signature']).toBeDefined();
  expect(entry.sendings).toMatchObject([{ status: 200 }, { url: `${receiver.url}/elsewhere`, status: 200 }]);
  expect(sandbox.events.entries()).toEqual([entry]);
});

test('a manual event can have any content, and is not retried', async () => {
  const { sandbox } = await startSandbox();
  const receiver = await startReceiver([503]);
  const event = { type: 'voice.call.ended', timestamp: 'now', event_data: { id: 'x' } };
  const entry = await sandbox.events.send(event, receiver.url);
  expect(entry).toMatchObject({ event, dropped: false, sendings: [{ status: 503 }] });
  expect(sandbox.events.entries('x')).toEqual([entry]);
  expect(receiver.received).toMatchObject([{ text: JSON.stringify(event) }]);
  await expect(sandbox.events.send(event, 'no URL')).rejects.toThrow();
});

test('creates events while the platform is down, but does not send them', async () => {
  const { sandbox, client, receiver } = await startWithWebhook();
  await sandbox.close();
  sandbox.actOnCall('c', { action: 'bump-etag' });
  await sandbox.events.settled();
  const [missed] = sandbox.events.entries();
  expect(missed).toMatchObject({ dropped: false, sendings: [] });
  await expect(sandbox.events.send(missed?.event ?? never())).rejects.toThrow(/listens/);
  await sandbox.listen({ port: Number(new URL(client.url).port) });
  sandbox.actOnCall('c', { action: 'hang-up' });
  await sandbox.events.settled();
  expect(receiver.received.map(({ event }) => event.event_data.state)).toEqual(['disconnected']);
});

test('the control API lists events, resends the latest of a call, and deletes them', async () => {
  const { sandbox, client, receiver } = await startWithWebhook();
  sandbox.putCall('d');
  sandbox.actOnCall('c', { action: 'bump-etag' });
  sandbox.actOnCall('c', { action: 'hang-up' });
  sandbox.actOnCall('d', { action: 'hang-up' });
  await sandbox.events.settled();
  expect((await client.get('/control/events')).body.items).toEqual(sandbox.events.entries());
  const items = (await client.get('/control/events?callId=c')).body.items as { event: { id: string } }[];
  expect(items).toHaveLength(2);
  const again = await client.send('POST', '/control/events', { callId: 'c' });
  expect(again).toMatchObject({ status: 200, body: { event: items[1]?.event } });
  expect(again.body.sendings).toMatchObject([{ status: 200 }, { status: 200 }]);
  expect(receiver.received.at(-1)?.event.id).toBe(items[1]?.event.id);
  expect((await client.send('DELETE', '/control/events')).status).toBe(204);
  expect((await client.get('/control/events')).body.items).toEqual([]);
  expect((await client.send('POST', '/control/events', { callId: 'c' })).status).toBe(404);
});

test('a reset deletes the events and aborts deliveries', async () => {
  const { sandbox, receiver } = await startWithWebhook({ settings: { eventDelayMs: 60_000 } });
  sandbox.actOnCall('c', { action: 'hang-up' });
  sandbox.reset();
  await sandbox.events.settled();
  expect(sandbox.events.entries()).toEqual([]);
  expect(receiver.received).toEqual([]);
});

function never(): never {
  throw new Error('No event');
}

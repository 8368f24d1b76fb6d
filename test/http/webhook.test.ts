import net from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { PATIENTLY } from '../support/patience.ts';
import { connected, startApi, type TestApi } from './start-api.ts';
import {
  bearer,
  counted,
  queued,
  RAW,
  STRANGE,
  send,
  signature,
  transferEvent,
  WEBHOOK,
  WHSEC,
} from './webhook-events.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ redisUrl: inject('redisUrl'), env: { WEBHOOK_SECRET: `${RAW},${WHSEC}` } });
  await connected(api);
});
beforeEach(() => api.billing.queue.drain(true));
afterAll(() => api.close());

describe('an event', () => {
  const take = (body: string | Buffer | object) => send(api, body, bearer(RAW));

  test('is queued unchanged', async () => {
    const event = transferEvent({
      id: 'event-7',
      timestamp: '2026-11-22T12:00:00.250+02:00',
      event_data: {
        id: 'call/7 ü',
        transferType: 'consult',
        target: { id: 'agent-7', type: 'user', name: 'Mx. Private' },
        participants: ['somebody'],
      },
      unknown: { is: 'left out' },
    });
    await take(event);
    const jobs = await api.billing.queue.getJobs(['waiting']);
    expect(jobs).toMatchObject([{ name: 'event' }]);
    expect(jobs[0]?.data).toEqual({
      v: 1,
      event: {
        id: 'event-7',
        callId: 'call/7 ü',
        transferType: 'consult',
        target: { id: 'agent-7', type: 'user' },
        at: Date.parse('2026-11-22T10:00:00.250Z'),
      },
    });
  });

  test.each([
    ['no id', { id: undefined }, { id: undefined }],
    ['an id of null', { id: null }, { id: undefined }],
    ['a number as id', { id: 42 }, { id: '42' }],
    ['epoch milliseconds', { timestamp: 1_700_000_000_000 }, { at: 1_700_000_000_000 }],
  ])('with %s is accepted', async (_what, change, shown) => {
    expect((await take(transferEvent(change))).json()).toEqual({ status: 'queued' });
    const [event] = await queued(api);
    expect({ id: event?.id, at: event?.at }).toMatchObject(shown);
  });

  test.each([
    ['no type', {}],
    ['a type of null', { type: null }],
    ['a type that we do not know', { type: 'robot' }],
  ])('whose target has %s is accepted without it', async (_what, type) => {
    const { event_data, ...event } = transferEvent();
    await take({ ...event, event_data: { ...event_data, target: { id: 'somewhere', ...type } } });
    expect((await queued(api))[0]?.target).toEqual({ id: 'somewhere' });
  });

  test('that is repeated is a duplicate, however authenticated', async () => {
    const body = JSON.stringify(transferEvent());
    expect((await send(api, body, signature(WHSEC, body))).json()).toEqual({ status: 'queued' });
    expect((await send(api, body, bearer(RAW))).json()).toEqual({ status: 'duplicate' });
    expect((await send(api, body, signature(RAW, body))).json()).toEqual({ status: 'duplicate' });
    expect(await queued(api)).toHaveLength(1);
  });

  test('that arrives a hundred times concurrently is one job', async () => {
    const body = JSON.stringify(transferEvent());
    // On a busy machine Redis may answer too late; the sender retries and may get a duplicate.
    let unanswered = 0;
    const sendUntilTaken = async (): Promise<string> => {
      const answer = await take(body);
      if (answer.statusCode !== 503) return answer.json().status;
      unanswered++;
      return sendUntilTaken();
    };
    const said = await Promise.all(Array.from({ length: 100 }, sendUntilTaken));
    const taken = said.filter((status) => status === 'queued').length;
    expect(said.filter((status) => status === 'duplicate')).toHaveLength(100 - taken);
    if (unanswered === 0) expect(taken).toBe(1);
    else expect(taken).toBeLessThanOrEqual(1);
    expect(await queued(api)).toHaveLength(1);
  });

  test.each([
    ['call', { id: 'call-other' }],
    ['transfer type', { transferType: 'consult' }],
    ['target', { target: { id: 'queue-other', type: 'queue' } }],
  ])('with another %s is another event', async (_what, change) => {
    const event = transferEvent();
    await take(event);
    const other = await take({ ...event, event_data: { ...event.event_data, ...change } });
    expect(other.json()).toEqual({ status: 'queued' });
    expect(await queued(api)).toHaveLength(2);
  });

  test('without an id is distinguished by its time', async () => {
    const { id: _left, ...event } = transferEvent();
    await take({ ...event, timestamp: 1_700_000_000_000 });
    expect((await take({ ...event, timestamp: 1_700_000_000_001 })).json().status).toBe('queued');
    expect((await take({ ...event, timestamp: '2023-11-14T22:13:20Z' })).json().status).toBe('duplicate');
  });

  test.each([
    ['of another type', { type: 'voice.call.ended' }, 'another type of event'],
    [
      'of another type with invalid content',
      { type: 'x', id: [], timestamp: 'x', event_data: 1 },
      'another type of event',
    ],
    ['whose transfer is null', { event_data: { id: 'call-1', transferType: null } }, 'not a transfer'],
  ])('%s is ignored, with the reason', async (_what, change, detail) => {
    const answer = await take(transferEvent(change));
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ status: 'ignored', detail });
    expect(await queued(api)).toEqual([]);
  });

  const data = (change: object) => ({ event_data: { ...transferEvent().event_data, ...change } });
  test.each<[string, unknown, string[]]>([
    ['null', null, ['body']],
    ['a list', [], ['body']],
    ['a text', '"x"', ['body']],
    ['a number', '1e999', ['body']],
    ['nothing in it', {}, ['type']],
    ['a type that is no text', { type: 7 }, ['type']],
    ['no data', { type: 'voice.call.updated' }, ['event_data']],
    ['a list for data', transferEvent({ event_data: [] }), ['event_data']],
    [
      'only its type and transfer',
      { type: 'voice.call.updated', event_data: { transferType: 'blind' } },
      ['timestamp', 'event_data.id', 'event_data.target'],
    ],
    ['an unknown transfer', transferEvent(data({ transferType: 'warm' })), ['event_data.transferType']],
    ['an empty transfer', transferEvent(data({ transferType: '' })), ['event_data.transferType']],
    ['an empty call', transferEvent(data({ id: '' })), ['event_data.id']],
    ['a call that is no text', transferEvent(data({ id: 7 })), ['event_data.id']],
    ['a call that is too long', transferEvent(data({ id: 'x'.repeat(201) })), ['event_data.id']],
    ['a call that is a path', transferEvent(data({ id: '..' })), ['event_data.id']],
    ['a call with a control character', transferEvent(data({ id: 'a\u0000b' })), ['event_data.id']],
    ['a call with half a letter', transferEvent(data({ id: 'a\ud800' })), ['event_data.id']],
    ['a target that is a text', transferEvent(data({ target: 'queue-1' })), ['event_data.target']],
    ['a target without id', transferEvent(data({ target: { type: 'queue' } })), ['event_data.target.id']],
    ['no time', transferEvent({ timestamp: undefined }), ['timestamp']],
    ['a time without its offset', transferEvent({ timestamp: '2026-11-22T12:00:00' }), ['timestamp']],
    ['a day that is none', transferEvent({ timestamp: '2026-02-30T12:00:00Z' }), ['timestamp']],
    ['a time before all time', transferEvent({ timestamp: -1 }), ['timestamp']],
    ['a time that is no whole number', transferEvent({ timestamp: 1.5 }), ['timestamp']],
    ['a time after all time', transferEvent({ timestamp: 8.65e15 }), ['timestamp']],
    ['a time two days ahead', transferEvent({ timestamp: Date.now() + 2 * 86_400_000 }), ['timestamp']],
    ['an id that is a list', transferEvent({ id: ['x'] }), ['id']],
    ['an empty id', transferEvent({ id: '' }), ['id']],
    [
      'everything wrong',
      {
        type: 'voice.call.updated',
        id: {},
        timestamp: 'x',
        event_data: { id: 1, transferType: 1, target: 1 },
      },
      ['id', 'timestamp', 'event_data.id', 'event_data.transferType', 'event_data.target'],
    ],
  ])('with %s is refused, naming every invalid field', async (_what, body, fields) => {
    const answer = await take(typeof body === 'string' ? body : JSON.stringify(body));
    expect(answer.statusCode).toBe(400);
    expect(answer.json().code).toBe('invalid-request');
    const errors: { field: string; message: string }[] = answer.json().errors;
    expect([...new Set(errors.map(({ field }) => field))]).toEqual(fields);
    for (const { message } of errors) expect(message).toMatch(/\w/);
    expect(await queued(api)).toEqual([]);
  });

  test.each<[string, string | Buffer, number, string]>([
    ['no bytes', '', 400, 'empty-body'],
    ['half of its bytes', JSON.stringify(transferEvent()).slice(0, 60), 400, 'malformed-json'],
    ['two bodies', `${JSON.stringify(transferEvent())}{}`, 400, 'malformed-json'],
    ['two byte-order marks', `\ufeff\ufeff${JSON.stringify(transferEvent())}`, 400, 'malformed-json'],
    ['a byte-order mark alone', '\ufeff', 400, 'malformed-json'],
    ['bytes that are no text', Buffer.from([0x22, 0xc3, 0x28, 0x22]), 400, 'malformed-json'],
    ['a hundred lists in each other', '['.repeat(60_000), 400, 'malformed-json'],
    ['more bytes than any event has', `"${'x'.repeat(64 * 1024)}"`, 413, 'body-too-large'],
  ])('with %s is refused', async (_what, body, status, code) => {
    const answer = await take(body);
    expect(answer.statusCode).toBe(status);
    expect(answer.json().code).toBe(code);
    expect(await queued(api)).toEqual([]);
  });

  test('with a byte-order mark is accepted', async () => {
    const answer = await take(`\ufeff${JSON.stringify(transferEvent())}`);
    expect(answer.json()).toEqual({ status: 'queued' });
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'nonsense',
  ])('with content type %s is refused', async (type) => {
    const answer = await send(api, transferEvent(), { ...bearer(RAW), 'content-type': type });
    expect(answer.statusCode).toBe(415);
    expect(answer.json().code).toBe('unsupported-media-type');
  });

  test('with the deepest possible nesting is handled', async () => {
    const deep = `{"type":"voice.call.updated","x":${'['.repeat(30_000)}${']'.repeat(30_000)},"event_data":{"transferType":null}}`;
    expect((await take(deep)).json()).toEqual({ status: 'ignored', detail: 'not a transfer' });
  });

  test('for a call update without transferType is ignored', async () => {
    const event = transferEvent({ event_data: { id: 'call-1', state: 'held' } });
    const answer = await send(api, event, bearer(RAW));
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ status: 'ignored', detail: 'not a transfer' });
  });

  test('with a time in seconds equals one with the time in milliseconds', async () => {
    const seconds = Math.floor(Date.now() / 1_000);
    const event = transferEvent({ id: undefined, timestamp: seconds });
    const inMs = { ...event, timestamp: seconds * 1_000 };
    expect((await send(api, event, bearer(RAW))).json()).toEqual({ status: 'queued' });
    expect((await send(api, inMs, bearer(RAW))).json()).toEqual({ status: 'duplicate' });
  });

  test('with a time before 1970 is refused', async () => {
    const event = transferEvent({ timestamp: '1969-12-31T23:59:59Z' });
    expect((await send(api, event, bearer(RAW))).statusCode).toBe(400);
  });

  test('cannot pollute a prototype', async () => {
    const { event_data } = transferEvent();
    const event = `{"type":"voice.call.updated","timestamp":1700000000000,"__proto__":{"id":"forged","type":"x"},"constructor":{"prototype":{"id":"forged"}},"event_data":{"__proto__":{"id":"forged-call"},"transferType":"blind","target":{"id":"t","__proto__":{"type":"user"}}}}`;
    const refused = await take(event);
    expect(refused.json().errors.map(({ field }: { field: string }) => field)).toEqual(['event_data.id']);
    await take(event.replace('"transferType"', `"id":"${event_data.id}","transferType"`));
    const [job] = await api.billing.queue.getJobs(['waiting']);
    expect(job?.data).toEqual({
      v: 1,
      event: { callId: event_data.id, transferType: 'blind', target: { id: 't' }, at: 1_700_000_000_000 },
    });
    expect(({} as { id?: string }).id).toBeUndefined();
  });
});

test('counts every event once, by result', async () => {
  const before = await counted(api);
  const event = transferEvent();
  await send(api, event, bearer(RAW));
  await send(api, event, bearer(RAW));
  await send(api, transferEvent({ type: 'other' }), bearer(RAW));
  await send(api, '{', bearer(RAW));
  await send(api, event, { ...bearer(RAW), 'content-type': 'text/plain' });
  await send(api, event, bearer(STRANGE));
  const after = await counted(api);
  const grown = Object.entries(after).map(([result, count]) => [result, count - (before[result] ?? 0)]);
  expect(Object.fromEntries(grown)).toEqual({
    queued: 1,
    duplicate: 1,
    ignored: 1,
    malformed: 2,
    unauthenticated: 1,
    unavailable: 0,
  });
});

test('counts an event whose sender disconnects', async () => {
  const { hostname, port } = new URL(await api.app.listen({ host: '127.0.0.1', port: 0 }));
  const before = await counted(api);
  const { queue } = api.billing;
  const add = queue.add.bind(queue);
  const from = api.lines.length;
  const isGone = () => api.lines.slice(from).some(({ message }) => message === 'request.broken-off');
  vi.spyOn(queue, 'add').mockImplementationOnce(async (...job) => {
    await vi.waitUntil(isGone, PATIENTLY);
    return add(...job);
  });
  const body = JSON.stringify(transferEvent());
  const socket = net.connect(Number(port), hostname);
  socket.write(
    [
      `POST ${WEBHOOK} HTTP/1.1`,
      'host: localhost',
      `authorization: Bearer ${RAW}`,
      'content-type: application/json',
      `content-length: ${body.length}`,
      '',
      body,
    ].join('\r\n'),
    () => socket.destroy(),
  );
  await expect.poll(() => queued(api)).toHaveLength(1);
  await expect.poll(async () => (await counted(api)).queued).toBe((before.queued ?? 0) + 1);
});

test('other methods get 405 with Allow', async () => {
  const answer = await api.app.inject({ method: 'GET', url: WEBHOOK, headers: bearer(RAW) });
  expect(answer.statusCode).toBe(405);
  expect(answer.headers.allow).toBe('POST');
});

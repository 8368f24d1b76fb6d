import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { connected, settleAs, startApi, type TestApi, transferBody } from './start-api.ts';

let api: TestApi;
let url: string;
const clients: AbortController[] = [];

beforeAll(async () => {
  api = await startApi({ redisUrl: inject('redisUrl') });
  await connected(api);
  url = await api.app.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(() => {
  for (const client of clients.splice(0)) client.abort();
});
afterAll(() => api.close());

async function accept(): Promise<string> {
  const answer = await api.app.inject({ method: 'POST', url: '/api/transfers', payload: transferBody() });
  return answer.json().id;
}

type Event = { event?: string; id?: string; data?: string };

/** Opens the stream; `next` returns the events in turn, and undefined at the end. */
async function follow(id: string, headers: Record<string, string> = {}) {
  const client = new AbortController();
  clients.push(client);
  const response = await fetch(`${url}/api/transfers/${id}/events`, { headers, signal: client.signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  async function next(): Promise<Event | undefined> {
    for (;;) {
      const at = text.indexOf('\n\n');
      if (at >= 0) {
        const lines = text.slice(0, at).split('\n');
        text = text.slice(at + 2);
        const event: Event = Object.fromEntries(lines.map((line) => line.split(/: (.*)/s).slice(0, 2)));
        if (event.event !== undefined) return event;
        continue;
      }
      const chunk = await reader?.read();
      if (chunk === undefined || chunk.done) return undefined;
      text += chunk.value;
    }
  }
  async function rest(): Promise<Event[]> {
    const events: Event[] = [];
    for (let event = await next(); event !== undefined; event = await next()) events.push(event);
    return events;
  }
  return { response, next, rest, client };
}

test('the timeline comes live and ends with the outcome', async () => {
  const id = await accept();
  const stream = await follow(id);
  expect(stream.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  const first = await stream.next();
  expect(first).toMatchObject({ event: 'timeline', id: '0' });
  expect(JSON.parse(first?.data ?? '')).toMatchObject({ step: 'accepted', by: 'apiKey:anonymous' });
  await settleAs(api, id, { status: 'transferred', confirmedBy: 'answer' });
  const rest = await stream.rest();
  expect(rest.map(({ event, id: at }) => [event, at])).toEqual([
    ['timeline', '1'],
    ['outcome', 'outcome'],
  ]);
  expect(JSON.parse(rest[1]?.data ?? '')).toEqual({ status: 'transferred', confirmedBy: 'answer' });
});

test('a settled transfer is streamed at once, and Last-Event-ID resumes', async () => {
  const id = await accept();
  await settleAs(api, id, { status: 'rejected', reason: 'call-ended' });
  const all = await (await follow(id)).rest();
  expect(all.map(({ event }) => event)).toEqual(['timeline', 'timeline', 'outcome']);
  const resumed = await (await follow(id, { 'last-event-id': '0' })).rest();
  expect(resumed).toEqual(all.slice(1));
  const beyond = await (await follow(id, { 'last-event-id': '99' })).rest();
  expect(beyond.map(({ event }) => event)).toEqual(['outcome']);
  const nonsense = await (await follow(id, { 'last-event-id': 'x' })).rest();
  expect(nonsense).toEqual(all);
  const done = await follow(id, { 'last-event-id': 'outcome' });
  expect(done.response.status).toBe(204);
});

test('of an unknown transfer is 404', async () => {
  const answer = await api.app.inject('/api/transfers/nope/events');
  expect(answer.statusCode).toBe(404);
  expect(answer.json().code).toBe('transfer-not-found');
  expect(api.changes.watching()).toBe(0);
});

test('a client that disconnects leaves nothing behind', async () => {
  const stream = await follow(await accept());
  await stream.next();
  expect(api.changes.watching()).toBe(1);
  stream.client.abort();
  await expect.poll(() => api.changes.watching()).toBe(0);
});

test('a waiting client that disconnects leaves nothing behind, and its transfer stays', async () => {
  const client = new AbortController();
  const body = transferBody();
  const waiting = fetch(`${url}/api/transfers`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', prefer: 'wait=30' },
    body: JSON.stringify(body),
    signal: client.signal,
  }).catch((error: Error) => error.name);
  await expect.poll(() => api.changes.watching()).toBe(1);
  client.abort();
  expect(await waiting).toBe('AbortError');
  await expect.poll(() => api.changes.watching()).toBe(0);
  const found = await api.app.inject(`/api/transfers?callId=${body.callId}`);
  expect(found.json().items).toHaveLength(1);
});

test('changes during a lost subscription are streamed afterwards', async () => {
  const id = await accept();
  const stream = await follow(id);
  await stream.next();
  api.subscriber.disconnect(true);
  await settleAs(api, id, { status: 'transferred', confirmedBy: 'answer' });
  expect((await stream.rest()).map(({ event }) => event)).toEqual(['timeline', 'outcome']);
});

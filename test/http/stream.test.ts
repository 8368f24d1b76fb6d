import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { connected, parkUnconfirmed, settleAs, startApi, type TestApi, transferBody } from './start-api.ts';

let api: TestApi;
let url: string;
const clients: AbortController[] = [];

async function open(env?: Record<string, string>): Promise<void> {
  api = await startApi({ redisUrl: inject('redisUrl'), ...(env && { env }) });
  await connected(api);
  url = await api.app.listen({ host: '127.0.0.1', port: 0 });
}
beforeAll(() => open());
afterEach(() => {
  for (const client of clients.splice(0)) client.abort();
});
afterAll(() => api.close());

async function accept(): Promise<string> {
  const answer = await api.app.inject({ method: 'POST', url: '/api/transfers', payload: transferBody() });
  return answer.json().id;
}

type Event = { event: string; id: string; data: { id?: string; status?: string } };

/** Opens the stream; `next` returns the events in turn, and undefined at its end. */
async function follow(lastEventId?: string) {
  const client = new AbortController();
  clients.push(client);
  const response = await fetch(`${url}/api/transfers/stream`, {
    signal: client.signal,
    ...(lastEventId !== undefined && { headers: { 'last-event-id': lastEventId } }),
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  async function next(): Promise<Event | undefined> {
    for (;;) {
      const [block = '', ...rest] = text.split('\n\n');
      if (rest.length > 0) {
        text = rest.join('\n\n');
        const [, event, id, data] = /^event: (.*)\nid: (.*)\ndata: (.*)$/.exec(block) ?? [];
        // Others are heartbeats.
        if (event !== undefined && id !== undefined) return { event, id, data: JSON.parse(data ?? '') };
        continue;
      }
      const chunk = await reader?.read();
      if (chunk === undefined || chunk.done) return undefined;
      text += chunk.value;
    }
  }
  /** Reads on until this transfer is sent with this status. */
  async function until(id: string, status: string): Promise<Event> {
    for (let event = await next(); event !== undefined; event = await next())
      if (event.data.id === id && event.data.status === status) return event;
    throw new Error(`the stream ended before ${id} was ${status}`);
  }
  return { response, next, until, client };
}

test('begins with ready, and sends every transfer that changes as the list shows it', async () => {
  await accept();
  const stream = await follow();
  expect(stream.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(await stream.next()).toMatchObject({ event: 'ready', data: {} });
  const [first, second] = [await accept(), await accept()];
  await stream.until(first, 'queued');
  await settleAs(api, first, { status: 'transferred', confirmedBy: 'answer' });
  await parkUnconfirmed(api, second);
  const [{ data }, parked] = [
    await stream.until(first, 'transferred'),
    await stream.until(second, 'unconfirmed'),
  ];
  const { items } = (await api.app.inject('/api/transfers?status=transferred')).json();
  expect(data).toEqual(items[0]);
  expect(parked.data).toMatchObject({ waitingFor: { reason: 'confirmation' } });
  const replayed = await api.app.inject({
    ...{ method: 'POST', url: `/api/dead-letters/${second}/replay`, payload: { reason: 'again' } },
  });
  expect(replayed.statusCode).toBe(200);
  await stream.until(second, 'queued');
});

test('resumes after the last event: what changed meanwhile comes first, and nothing twice', async () => {
  const stream = await follow();
  const ready = await stream.next();
  const seen = await accept();
  const last = await stream.until(seen, 'queued');
  stream.client.abort();
  const missed = await accept();
  await settleAs(api, seen, { status: 'expired' });
  const resumed = await follow(last.id);
  expect([await resumed.next(), await resumed.next()]).toMatchObject([
    { event: 'transfer', data: { id: missed, status: 'queued' } },
    { event: 'transfer', data: { id: seen, status: 'expired' } },
  ]);
  const earlier = await follow(ready?.id);
  await earlier.until(missed, 'queued');
  await earlier.until(seen, 'expired');
});

test.each(['1-1', '99999999999999-0', '1', 'nonsense', '9'.repeat(30)])(
  'an id that it does not have is answered with reset, and the stream goes on: %s',
  async (lastEventId) => {
    const stream = await follow(lastEventId);
    const reset = await stream.next();
    expect(reset).toMatchObject({ event: 'reset', data: {} });
    const id = await accept();
    await stream.until(id, 'queued');
    const resumed = await follow(reset?.id);
    expect(await resumed.next()).toMatchObject({ event: 'transfer', data: { id } });
  },
);

test('a client whose place is trimmed while it is connected is told so', async () => {
  const stream = await follow();
  await stream.next();
  const trimmed = await accept();
  await api.redis.del(api.live.store.keys.changes);
  const id = await accept();
  let event = await stream.next();
  // On a busy machine it is sent before it is trimmed.
  if (event?.data.id === trimmed) event = await stream.next();
  expect(event).toMatchObject({ event: 'reset' });
  expect((await api.app.inject('/api/transfers?limit=1')).json().items[0].id).toBe(id);
});

test('a transfer whose record is gone is left out', async () => {
  const stream = await follow();
  const ready = await stream.next();
  stream.client.abort();
  const [gone, kept] = [await accept(), await accept()];
  await api.redis.del(api.live.store.keys.record(gone));
  expect(await (await follow(ready?.id)).next()).toMatchObject({ data: { id: kept } });
});

test('a client that disconnects leaves nothing behind', async () => {
  const stream = await follow();
  await stream.next();
  expect(api.changes.watching()).toBe(1);
  stream.client.abort();
  await expect.poll(() => api.changes.watching()).toBe(0);
});

test('counts as a wait of its key, and ends at shutdown, also while transfers change', async () => {
  await api.close();
  await open({ OPEN_WAITS_PER_KEY: '1' });
  const stream = await follow();
  await stream.next();
  expect((await follow()).response.status).toBe(429);
  let isClosed = false;
  const changing = (async () => {
    while (!isClosed) await api.live.store.leaveToWorker(await accept().catch(() => ''));
  })();
  const rest = (async () => {
    while ((await stream.next()) !== undefined);
  })();
  await api.app.close();
  isClosed = true;
  await Promise.all([rest, changing]);
});

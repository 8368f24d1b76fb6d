import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  createHandover,
  type HandoverOptions,
  HandoverProblem,
  HandoverTimeout,
  HandoverUnreachable,
} from './index.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** What the server does with one request after the other; the last one with all further ones. */
let script: Handler[];
let seen: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[];
const server = createServer(async (request, response) => {
  const { method = '', url = '', headers } = request;
  let body = '';
  for await (const piece of request) body += piece;
  seen.push({ method, url, headers, body });
  const handler = script.length > 1 ? script.shift() : script[0];
  handler?.(request, response);
});

beforeEach(async () => {
  script = [];
  seen = [];
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function client(options: Partial<HandoverOptions> = {}) {
  const { port } = server.address() as AddressInfo;
  return createHandover({ url: `http://127.0.0.1:${port}/below/`, key: 'secret', ...options });
}

const json =
  (status: number, body: object, headers = {}): Handler =>
  (_, response) =>
    response
      .writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
      .end(JSON.stringify(body));
const problem = (status: number, code: string, headers = {}, more = {}): Handler =>
  json(
    status,
    { type: `/problems/${code}`, title: 'Title', status, code, detail: 'Detail.', ...more },
    { 'content-type': 'application/problem+json', ...headers },
  );
const cutOff: Handler = (request) => request.socket.destroy();
const stream =
  (text: string, isCutOff = false): Handler =>
  (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(`retry: 1\n\n${text}`, () => {
      if (isCutOff) response.destroy();
      else response.end();
    });
  };

const TRANSFER = { id: 'a/b', status: 'transferred', outcome: { status: 'transferred' } };
const REQUEST = {
  callId: 'c',
  userId: 'u',
  transferType: 'blind',
  target: { type: 'queue', id: 'q' },
} as const;
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no failure',
    (error: unknown) => error,
  );

describe('requests', () => {
  test('go to the path below the URL, with the key and encoded parameters', async () => {
    script = [json(200, TRANSFER)];
    expect(await client().transfers.get('a/b')).toEqual(TRANSFER);
    await client().billing.records({ from: '2026-11-01T00:00:00+01:00', limit: 5 });
    expect(seen).toMatchObject([
      { method: 'GET', url: '/below/api/transfers/a%2Fb', headers: { authorization: 'Bearer secret' } },
      { url: '/below/api/billing/records?from=2026-11-01T00%3A00%3A00%2B01%3A00&limit=5' },
    ]);
  });

  test('carry a login, or headers that are asked anew each time', async () => {
    script = [json(200, {})];
    let token = 0;
    const headers = () => ({ 'x-csrf-token': String(++token) });
    const browser = client({ key: undefined, headers });
    await client({ key: undefined, login: { user: 'änn', password: 'pw' } }).status();
    await browser.status();
    await browser.status();
    expect(seen[0]?.headers.authorization).toBe(`Basic ${Buffer.from('änn:pw').toString('base64')}`);
    expect(seen.slice(1).map(({ headers }) => headers['x-csrf-token'])).toEqual(['1', '2']);
    expect(seen[1]?.headers.authorization).toBeUndefined();
  });

  test('that read are sent again after 503, 429 and a cut-off; at most four times', async () => {
    script = [problem(503, 'redis-unavailable'), cutOff, problem(429, 'too-many-waits'), json(200, TRANSFER)];
    expect(await client().transfers.get('t')).toEqual(TRANSFER);
    script = [cutOff];
    expect(await failure(client({ retry: { tries: 2 } }).transfers.get('t'))).toBeInstanceOf(
      HandoverUnreachable,
    );
    expect(seen).toHaveLength(4 + 2);
  });

  test('that change something are sent once, but a submission again with the same key', async () => {
    script = [problem(503, 'redis-unavailable')];
    expect(await failure(client().deadLetters.replay('t', 'why'))).toMatchObject({
      code: 'redis-unavailable',
    });
    expect(seen).toHaveLength(1);
    seen = [];
    script = [cutOff, problem(503, 'redis-full'), json(202, { id: 't', status: 'queued' })];
    expect(await client().transfers.submit(REQUEST)).toEqual({ id: 't', status: 'queued' });
    await client().transfers.submit(REQUEST);
    const keys = seen.map(({ headers }) => headers['idempotency-key']);
    expect(new Set(keys.slice(0, 3)).size).toBe(1);
    expect(keys[0]).toMatch(/^[\da-f]{32}$/);
    expect(keys[3]).not.toBe(keys[0]);
    expect(JSON.parse(seen[2]?.body ?? '')).toEqual(REQUEST);
  });

  test('wait as long as they are told, but not for too long', async () => {
    script = [problem(503, 'redis-unavailable', { 'retry-after': '60' })];
    const error = await failure(client().transfers.get('t'));
    expect(error).toBeInstanceOf(HandoverProblem);
    expect(error).toMatchObject({ status: 503, retryAfterMs: 60_000 });
    expect(seen).toHaveLength(1);
  });

  test('end with the reason of the signal', async () => {
    const controller = new AbortController();
    script = [() => controller.abort('enough')];
    expect(await failure(client().transfers.get('t', { signal: controller.signal }))).toBe('enough');
  });

  test('that take too long count as unanswered', async () => {
    script = [() => {}];
    const error = await failure(client({ timeoutMs: 30, retry: { tries: 1 } }).transfers.get('t'));
    expect(error).toBeInstanceOf(HandoverUnreachable);
  });
});

describe('failures', () => {
  test('are problems, with their code, fields and the rest', async () => {
    const errors = [{ field: 'callId', message: 'is missing' }];
    script = [problem(400, 'invalid-request', {}, { errors, holder: { id: 'other', href: '/x' } })];
    const error = await failure(client().transfers.submit(REQUEST));
    expect(error).toBeInstanceOf(HandoverProblem);
    expect(error).toMatchObject({
      code: 'invalid-request',
      status: 400,
      detail: 'Detail.',
      errors,
      message: 'Title: Detail. (callId is missing)',
      problem: { holder: { id: 'other' } },
    });
  });

  test('keep the cause of a network that failed', async () => {
    const error = await failure(
      createHandover({ url: 'http://127.0.0.1:1', retry: { tries: 1 } }).transfers.get('t'),
    );
    expect(error).toBeInstanceOf(HandoverUnreachable);
    expect((error as Error).message).toMatch(/^GET \/api\/transfers\/t got no answer: /);
    expect((error as Error).cause).toBeInstanceOf(TypeError);
  });

  test('of something in between are not problems', async () => {
    script = [
      (_, response) => response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>nginx</h1>'),
    ];
    const error = await failure(client().transfers.get('t'));
    expect(error).toBeInstanceOf(HandoverUnreachable);
    expect(error).toMatchObject({ status: 404, message: expect.stringContaining('something in between') });
  });
});

const entry = (index: number) => `event: timeline\nid: ${index}\ndata: {"step":"s${index}"}\n\n`;
const OUTCOME = 'event: outcome\nid: outcome\ndata: {"status":"transferred"}\n\n';

describe('streams', () => {
  test('go on after the last event when they are cut off, refused or end early', async () => {
    script = [
      stream(entry(0) + entry(1), true),
      problem(503, 'redis-unavailable'),
      stream(''),
      stream(entry(2) + OUTCOME),
    ];
    const told: string[] = [];
    const onOpen = () => void told.push('open');
    const onInterrupted = ({ name }: Error) => told.push(name);
    const got: string[] = [];
    for await (const { id } of client().transfers.events('t', { onOpen, onInterrupted })) got.push(id);
    expect(got).toEqual(['0', '1', '2', 'outcome']);
    expect(seen.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '1', '1', '1']);
    expect(told).toEqual([
      ...['open', 'HandoverUnreachable', 'HandoverProblem'],
      ...['open', 'HandoverUnreachable', 'open'],
    ]);
  });

  test('end where the server has nothing more', async () => {
    script = [(_, response) => response.writeHead(204).end()];
    const next = await client().transfers.events('t', { lastEventId: 'outcome' }).next();
    expect(next).toEqual({ done: true, value: undefined });
  });

  test('throw what will not pass', async () => {
    script = [problem(404, 'transfer-not-found')];
    expect(await failure(client().transfers.events('t').next())).toMatchObject({
      code: 'transfer-not-found',
    });
    expect(seen).toHaveLength(1);
  });

  test('close their connection when nobody reads on, and when they are aborted', async () => {
    const closed: Promise<unknown>[] = [];
    const open: Handler = (request, response) => {
      closed.push(once(request.socket, 'close'));
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(entry(0));
    };
    script = [open];
    for await (const _ of client().transfers.events('t')) break;
    const controller = new AbortController();
    const events = client().transfers.events('t', { signal: controller.signal });
    await events.next();
    const next = failure(events.next());
    controller.abort('enough');
    expect(await next).toBe('enough');
    await Promise.all(closed);
    expect(closed).toHaveLength(2);
  });
});

describe('waiting', () => {
  test('reads the stream, then the transfer', async () => {
    script = [stream(entry(0)), stream(OUTCOME), json(200, TRANSFER)];
    expect(await client().transfers.waitFor('t')).toEqual(TRANSFER);
  });

  test('polls where the key has no stream left', async () => {
    script = [problem(429, 'too-many-waits'), json(200, { ...TRANSFER, outcome: null }), json(200, TRANSFER)];
    expect(await client().transfers.waitFor('t')).toEqual(TRANSFER);
    expect(seen).toHaveLength(3);
  });

  test('is bounded', async () => {
    script = [(_, response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n')];
    expect(await failure(client().transfers.waitFor('t', { timeoutMs: 50 }))).toBeInstanceOf(HandoverTimeout);
    const signal = AbortSignal.abort('enough');
    expect(await failure(client().transfers.waitFor('t', { signal }))).toBe('enough');
  });
});

import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RequestNote } from '../transfer/words.ts';
import { createWire, parseRetryAfter, type Wire, type WireAnswer, type WireRequest } from './wire.ts';

const TOKEN = 'tok-4711';
const SECRET = 'sec-0815';

let open: (() => void)[] = [];
let notes: RequestNote[] = [];
let wire: Wire;

beforeEach(() => {
  notes = [];
  wire = newWire(2_000);
});
afterEach(() => {
  for (const close of open.reverse()) close();
  open = [];
});

function newWire(timeoutMs: number): Wire {
  const made = createWire(timeoutMs, (note) => notes.push(note));
  open.push(() => made.close());
  return made;
}

/** A server on 127.0.0.1 until the end of the test. Gives its port. */
async function listen(server: net.Server): Promise<number> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  open.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

const serve = async (handler: http.RequestListener) =>
  `http://127.0.0.1:${await listen(http.createServer(handler))}`;
const serveRaw = async (onSocket: (socket: net.Socket) => void) =>
  `http://127.0.0.1:${await listen(net.createServer(onSocket))}`;
/** Reads the whole request, and then writes this and does that. */
const afterRequest = (then: (socket: net.Socket) => void) =>
  serveRaw((socket) => socket.once('data', () => then(socket)));

function send(url: string, change: Partial<WireRequest> = {}, by = wire): Promise<WireAnswer> {
  const request: WireRequest = {
    operation: 'transfer',
    method: 'POST',
    url: `${url}/path`,
    headers: { authorization: `Bearer ${TOKEN}`, 'if-match': '"1"' },
    body: { client_secret: SECRET },
    signal: new AbortController().signal,
    ...change,
  };
  return by.send(request);
}

/** Nothing that comes back may carry what we sent. */
function expectNoSecrets(answer: WireAnswer): void {
  const told = JSON.stringify(answer) + inspect(answer, { depth: null, showHidden: true });
  expect(told).not.toContain(TOKEN);
  expect(told).not.toContain(SECRET);
}

describe('an answer', () => {
  test('of 200 comes with its data, and is noted', async () => {
    const url = await serve((request, response) => {
      const { 'if-match': etag, authorization } = request.headers;
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ etag, authorization }));
    });
    const answer = await send(url);
    expect(answer).toMatchObject({
      answered: true,
      status: 200,
      data: { etag: '"1"', authorization: `Bearer ${TOKEN}` },
      retryAfterMs: undefined,
    });
    expect(notes).toEqual([{ operation: 'transfer', status: 200, ms: expect.any(Number) }]);
    expect(answer.note).toEqual(notes[0]);
  });

  test.each([
    ['is no JSON', '{"id":'],
    ['is empty', ''],
    ['is a bare text', '"text"'],
    ['is a web page', '<html></html>'],
  ])('whose body %s keeps its status and has no data', async (_, text) => {
    const url = await serve((_request, response) => void response.end(text));
    expect(await send(url)).toMatchObject({ answered: true, status: 200, data: undefined });
  });

  test.each([
    ['after a Content-Length', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"id":'],
    ['in chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"id"\r\n'],
  ])('that is cut %s keeps its status, which is what counts', async (_, text) => {
    const url = await afterRequest((socket) => socket.write(text, () => socket.destroy()));
    const answer = await send(url);
    expect(answer).toMatchObject({ answered: true, status: 200, data: undefined, note: { status: 200 } });
    expectNoSecrets(answer);
  });

  test.each([301, 307, 400, 401, 403, 404, 409, 412, 429, 500, 503])('of %i is an answer', async (status) => {
    const url = await serve((_request, response) => {
      response.writeHead(status, { location: '/elsewhere' }).end('{"code":"c"}');
    });
    expect(await send(url)).toMatchObject({ answered: true, status, data: { code: 'c' } });
    expect(notes).toHaveLength(1);
  });

  test.each([
    ['180', 180],
    ['0', undefined],
    ['many', undefined],
    [undefined, undefined],
  ])('tells how many requests the other side allows a minute: %s', async (value, allowed) => {
    const url = await serve((_request, response) => {
      response.writeHead(200, value === undefined ? {} : { 'inin-ratelimit-allowed': value }).end('{}');
    });
    expect(await send(url)).toMatchObject({ status: 200, allowed });
  });

  test.each([
    ['text/html', 'text/html'],
    ['Application/JSON; charset=utf-8', 'application/json'],
    ['application/problem+json', 'application/problem+json'],
    ['html', undefined],
    [`text/${'x'.repeat(61)}`, undefined],
    [undefined, undefined],
  ])('tells the media type of its body: %s', async (value, type) => {
    const url = await serve((_request, response) => {
      response.writeHead(200, value === undefined ? {} : { 'content-type': value }).end('{}');
    });
    expect(await send(url)).toMatchObject({ status: 200, type });
  });

  test.each([
    ['"17"', '"17"'],
    ['W/"17"', 'W/"17"'],
    ['17', '17'],
    ['', undefined],
    [['"17"', '"18"'], undefined],
    [undefined, undefined],
  ])('tells the ETag exactly as it came: %s', async (value, etag) => {
    const url = await serve((_request, response) => {
      // As a list, for otherwise Node joins what stands twice.
      response.writeHead(200, value === undefined ? [] : [value].flat().flatMap((each) => ['ETag', each]));
      response.end('{"etag":"16"}');
    });
    expect(await send(url)).toMatchObject({ status: 200, etag, data: { etag: '16' } });
  });

  test.each([
    ['in seconds', '7', 7_000],
    ['that is absurd', '99999999999', 99_999_999_999_000],
    ['that is empty', '', undefined],
    ['that is missing', undefined, undefined],
    ['given twice', ['7', '30'], 30_000],
  ])('has a Retry-After %s', async (_, value, expected) => {
    const url = await serve((_request, response) => {
      if (value !== undefined) response.setHeader('retry-after', value);
      response.writeHead(429).end('{}');
    });
    expect(await send(url)).toMatchObject({ status: 429, retryAfterMs: expected });
  });
});

describe('no answer', () => {
  const noAnswer = (sent: boolean, detail: string | RegExp) => ({
    answered: false,
    failure: { kind: 'no-answer', sent, detail: expect.stringMatching(detail) },
    note: { operation: 'transfer', status: null },
  });

  // A name may stand for several addresses, each of which refuses.
  test.each(['127.0.0.1', 'localhost'])('a connection refused by %s: nothing was sent', async (host) => {
    const server = net.createServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    const answer = await send(`http://${host}:${port}`);
    expect(answer).toMatchObject(noAnswer(false, 'ECONNREFUSED, no connection'));
    expectNoSecrets(answer);
  });

  test('a TLS handshake that never ends: nothing was sent', async () => {
    const url = await serveRaw(() => undefined);
    const answer = await send(url.replace('http:', 'https:'), {}, newWire(10_000));
    expect(answer).toMatchObject(noAnswer(false, 'ETIMEDOUT, no connection'));
    expectNoSecrets(answer);
  });

  test('a TLS handshake that is broken off: nothing was sent', async () => {
    const url = await afterRequest((socket) => socket.resetAndDestroy());
    const answer = await send(url.replace('http:', 'https:'));
    expect(answer).toMatchObject(noAnswer(false, 'ECONNRESET, no connection'));
  });

  test('what cannot be written as HTTP was not sent', async () => {
    const url = await serve((_request, response) => void response.end('{}'));
    const answer = await send(url, { headers: { 'if-match': 'a\nb' } });
    expect(answer).toMatchObject(noAnswer(false, 'UND_ERR_INVALID_ARG'));
  });

  test.each([
    ['its time-out', 100, true, 'nothing within 100 ms'],
    ['a shutdown', 10_000, true, 'given up at shutdown'],
    ['the end of the wire', 10_000, true, 'given up at shutdown'],
  ])('%s ends a connect that hangs, at once', async (what, timeoutMs, sent, detail) => {
    const own = newWire(timeoutMs);
    const closing = new AbortController();
    const url = await afterRequest(() => {
      if (what === 'a shutdown') closing.abort();
      if (what === 'the end of the wire') own.close();
    });
    const started = performance.now();
    const answer = await send(url.replace('http:', 'https:'), { signal: closing.signal }, own);
    expect(answer).toMatchObject(noAnswer(sent, detail));
    // Well before the connect would have ended by itself.
    expect(performance.now() - started).toBeLessThan(2_500);
  });

  test('a connection closed before the request was read may have carried it', async () => {
    const url = await serveRaw((socket) => socket.destroy());
    const answer = await send(url);
    expect(answer).toMatchObject(noAnswer(true, /ECONNRESET|EPIPE|closed by the other side/));
    expectNoSecrets(answer);
  });

  test('a reset after the request was read may follow an effect', async () => {
    const answer = await send(await afterRequest((socket) => socket.resetAndDestroy()));
    expect(answer).toMatchObject(noAnswer(true, 'ECONNRESET'));
    expectNoSecrets(answer);
  });

  test('a kept connection that the server closed meanwhile may have carried it', async () => {
    let requests = 0;
    const url = await serveRaw((socket) =>
      socket.on('data', () => {
        requests += 1;
        if (requests === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
        else socket.resetAndDestroy();
      }),
    );
    expect(await send(url)).toMatchObject({ answered: true });
    expect(await send(url)).toMatchObject(noAnswer(true, 'ECONNRESET'));
    expect(requests).toBe(2);
  });

  test('something that is not HTTP', async () => {
    const answer = await send(await afterRequest((socket) => socket.end('SSH-2.0-x\r\n')));
    expect(answer).toMatchObject(noAnswer(true, 'the answer is not HTTP'));
    expectNoSecrets(answer);
  });

  test('a body larger than any of ours is not read to its end, but its status counts', async () => {
    const large = JSON.stringify({ id: 'x'.repeat(2 * 1024 * 1024) });
    const answer = await send(await serve((_request, response) => void response.end(large)));
    expect(answer).toMatchObject({ answered: true, status: 200, data: undefined });
    expectNoSecrets(answer);
  });

  test('silence is given up after the time-out', async () => {
    const answer = await send(await serveRaw(() => undefined), {}, newWire(100));
    expect(answer).toMatchObject(noAnswer(true, 'nothing within 100 ms'));
    expectNoSecrets(answer);
  });

  test('a body that trickles is given up after the same time-out, from start to last byte', async () => {
    const url = await serve((_request, response) => {
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    });
    const started = performance.now();
    const answer = await send(url, {}, newWire(200));
    expect(answer).toMatchObject(noAnswer(true, 'nothing within 200 ms'));
    const tookMs = performance.now() - started;
    expect(tookMs).toBeGreaterThan(190);
    expect(tookMs).toBeLessThan(1_500);
    expect(notes).toHaveLength(1);
  });

  test('what is given up at shutdown may have been sent', async () => {
    const closing = new AbortController();
    const url = await serveRaw((socket) => socket.once('data', () => closing.abort()));
    const answer = await send(url, { signal: closing.signal });
    expect(answer).toMatchObject(noAnswer(true, 'given up at shutdown'));
    expectNoSecrets(answer);
  });
});

test.each<[string, object | string | undefined, string, string | undefined]>([
  ['an object', { a: 'ä' }, '{"a":"ä"}', 'application/json'],
  ['what is JSON already', '{ "a": 1 }', '{ "a": 1 }', 'application/json'],
  ['nothing', undefined, '', undefined],
])('a request carries %s as it should', async (_, body, text, type) => {
  const url = await serve(async (request, response) => {
    const { accept, 'accept-encoding': coding, 'content-type': contentType } = request.headers;
    const chunks = await request.toArray();
    const got = Buffer.concat(chunks).toString();
    response.end(JSON.stringify({ accept, coding, contentType, got }));
  });
  const answer = await send(url, { body });
  expect(answer.answered && answer.data).toEqual({
    accept: 'application/json',
    coding: 'identity',
    got: text,
    ...(type && { contentType: type }),
  });
});

test('a redirect is not followed, so the token goes nowhere else', async () => {
  const strangers = vi.fn((_request: http.IncomingMessage, response: http.ServerResponse) => {
    response.end('{}');
  });
  const elsewhere = await serve(strangers);
  const url = await serve((_request, response) => {
    response.writeHead(302, { location: elsewhere }).end();
  });
  expect(await send(url, { method: 'GET', body: undefined })).toMatchObject({ answered: true, status: 302 });
  expect(strangers).not.toHaveBeenCalled();
});

test('requests in turn share one connection', async () => {
  const server = http.createServer((_request, response) => void response.end('{}'));
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  const url = `http://127.0.0.1:${await listen(server)}`;
  for (let index = 0; index < 5; index += 1) {
    expect(await send(url)).toMatchObject({ status: 200 });
    // The last byte of an answer is told before its connection counts as free.
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(connections).toBe(1);
});

describe('Retry-After', () => {
  const now = Date.parse('2026-11-22T10:00:00Z');
  test.each<[string, number | undefined]>([
    ['1', 1_000],
    [' 30 ', 30_000],
    ['1.5', 1_500],
    ['99999999999999999999', 1e23],
    ['Sun, 22 Nov 2026 10:00:30 GMT', 30_000],
    ['2026-11-22T10:00:05Z', 5_000],
    ['', undefined],
    ['-5', undefined],
    ['soon', undefined],
    ['Infinity', undefined],
    ['NaN', undefined],
    ['1e3', undefined],
    ['0x10', undefined],
    ['5;6', undefined],
  ])('"%s" means %s ms', (value, ms) => {
    expect(parseRetryAfter(value, now)).toBe(ms);
  });

  // A wait of nothing would send everybody off again at once, and a hold-off burns no attempt: an endless burst.
  test.each(['0', '0.0', 'Sun, 22 Nov 2026 09:59:00 GMT', 'soon 5'])('"%s" says nothing usable', (value) => {
    expect(parseRetryAfter(value, now)).toBeUndefined();
  });
});

import http from 'node:http';
import { describe, expect, test, vi } from 'vitest';
import {
  afterRequest,
  expectNoSecrets,
  listen,
  newWire,
  notes,
  openWires,
  send,
  serve,
  TOKEN,
} from './wire.testing.ts';

openWires();

describe('an answer', () => {
  test('of another clock tells how long to wait by its own Date', async () => {
    const url = await serve((_request, response) => {
      response.sendDate = false;
      response.writeHead(503, {
        date: 'Sun, 06 Nov 1994 08:49:37 GMT',
        'retry-after': 'Sunday, 06-Nov-94 08:49:45 GMT',
      });
      response.end('{}');
    });
    expect(await send(url)).toMatchObject({ status: 503, retryAfterMs: 8_000 });
  });

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
    ['7b5d4a23-1111-4222-8333-444455556666', true],
    ['abc.DEF:1-2_3', true],
    ['has a blank', false],
    ['x'.repeat(81), false],
    ['', false],
  ])('with the id %s of the other side notes it, if it fits a log line', async (id, isNoted) => {
    const url = await serve((_request, response) => response.setHeader('X-Id', id).writeHead(503).end());
    const answer = await send(url, {}, newWire(2_000, 'x-id'));
    expect(answer.note).toMatchObject({ status: 503 });
    expect(answer.note.correlationId).toBe(isNoted ? id : undefined);
    expect(notes).toEqual([answer.note]);
    expect((await send(url)).note.correlationId).toBeUndefined();
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
  ])('keeps a header that it was told to keep exactly as it came: %s', async (value, etag) => {
    const url = await serve((_request, response) => {
      // As a list, for otherwise Node joins what stands twice.
      response.writeHead(200, value === undefined ? [] : [value].flat().flatMap((each) => ['ETag', each]));
      response.end('{"etag":"16"}');
    });
    const answer = await send(url);
    expect(answer).toMatchObject({ status: 200, data: { etag: '16' } });
    expect(answer.answered && answer.headers).toEqual(etag === undefined ? {} : { etag });
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

import { createHmac } from 'node:crypto';
import net from 'node:net';
import zlib from 'node:zlib';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { connected, startApi, type TestApi, transferBody } from './start-api.ts';

const SECRET = 'a-secret-of-the-webhook';
const QUICK = { headersMs: 300, requestMs: 5_000, idleMs: 60_000, keepAliveMs: 72_000 };
const MARK = Buffer.from([0xef, 0xbb, 0xbf]);

let api: TestApi;
let port: number;
beforeAll(async () => {
  api = await startApi({ redisUrl: inject('redisUrl'), env: { WEBHOOK_SECRET: SECRET } });
  await connected(api);
  port = await listen(api);
});
afterAll(() => api.close());

const listen = async ({ app }: TestApi) =>
  Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);

let events = 0;
function eventBody() {
  events += 1;
  const timestamp = new Date().toISOString();
  const event_data = { id: `call-${events}`, transferType: 'blind', target: { type: 'queue', id: 'q' } };
  return { id: `event-${events}`, type: 'voice.call.updated', timestamp, event_data };
}

const ROUTES: [string, () => object, number][] = [
  ['/api/transfers', transferBody, 202],
  ['/api/transfers/batch', () => ({ transfers: [transferBody()] }), 200],
  ['/webhooks/billing-sync', eventBody, 200],
];

function post(url: string, payload: Buffer, headers: Record<string, string> = {}) {
  return api.app.inject({
    method: 'POST',
    url,
    payload,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${SECRET}`, ...headers },
  });
}

const CODINGS: [string, (bytes: Buffer) => Buffer][] = [
  ['identity', (bytes) => bytes],
  ['gzip', zlib.gzipSync],
  ['GZIP', zlib.gzipSync],
  ['x-gzip', zlib.gzipSync],
  ['deflate', zlib.deflateSync],
  ['deflate', zlib.deflateRawSync],
  ['br', zlib.brotliCompressSync],
  ['identity, gzip', zlib.gzipSync],
  ['gzip, br', (bytes) => zlib.brotliCompressSync(zlib.gzipSync(bytes))],
  ['deflate, deflate', (bytes) => zlib.deflateRawSync(zlib.deflateRawSync(bytes))],
];

describe.each(ROUTES)('%s', (url, body, status) => {
  test.each(CODINGS)('accepts %s, with and without a byte order mark', async (coding, encode) => {
    for (const mark of [Buffer.alloc(0), MARK]) {
      const bytes = Buffer.concat([mark, Buffer.from(JSON.stringify(body()))]);
      const answer = await post(url, encode(bytes), { 'content-encoding': coding });
      expect([answer.statusCode, answer.body]).toEqual([status, expect.any(String)]);
    }
  });

  test.each(['zstd', 'compress', 'gzip, gzip, br', 'aes128gcm', '*'])(
    'answers %s with 415',
    async (coding) => {
      const answer = await post(url, zlib.gzipSync('{}'), { 'content-encoding': coding });
      expect(answer.statusCode).toBe(415);
      expect(answer.headers['accept-encoding']).toBe('gzip, deflate, br');
      expect(answer.json()).toMatchObject({ code: 'unsupported-media-type' });
    },
  );

  test('refuses a body that does not match its coding', async () => {
    const whole = zlib.gzipSync(JSON.stringify(body()));
    for (const bytes of [whole.subarray(0, -9), Buffer.from('{"a":1}')]) {
      const answer = await post(url, bytes, { 'content-encoding': 'gzip' });
      expect([answer.statusCode, answer.json().code]).toEqual([400, 'bad-request']);
    }
  });

  test('UTF-16 with its mark, and a mark alone, are malformed or empty, never a 500', async () => {
    for (const bytes of [Buffer.from('\ufeff{}', 'utf16le'), MARK])
      expect((await post(url, bytes)).statusCode).toBe(400);
  });
});

test('a decompression bomb is 413, however small', async () => {
  const encoders = [
    ['gzip', zlib.gzipSync],
    ['deflate', zlib.deflateSync],
    ['br', zlib.brotliCompressSync],
  ] as const;
  for (const [coding, encode] of encoders) {
    const bomb = encode(Buffer.alloc(16 * 1024 * 1024, ' '));
    expect(bomb.length).toBeLessThan(64 * 1024);
    for (const url of ['/api/transfers/batch', '/webhooks/billing-sync']) {
      const answer = await post(url, bomb, { 'content-encoding': coding });
      expect([answer.statusCode, answer.json().code]).toEqual([413, 'body-too-large']);
    }
  }
});

test('a signature covers the uncompressed body, byte order mark included', async () => {
  const text = `\ufeff${JSON.stringify(eventBody())}`;
  const at = String(Math.floor(Date.now() / 1_000));
  const sign = (of: string | Buffer) =>
    `v1,${createHmac('sha256', SECRET).update(`m1.${at}.`).update(of).digest('base64')}`;
  const send = (signature: string) =>
    post('/webhooks/billing-sync', zlib.gzipSync(text), {
      'content-encoding': 'gzip',
      'webhook-id': 'm1',
      'webhook-timestamp': at,
      'webhook-signature': signature,
    });
  expect((await send(sign(text))).statusCode).toBe(200);
  expect((await send(sign(text.slice(1)))).statusCode).toBe(401);
});

test('an idempotency key matches a body whether compressed or not', async () => {
  const text = Buffer.from(JSON.stringify(transferBody()));
  const key = { 'idempotency-key': `key-${Date.now()}` };
  const first = await post('/api/transfers', text, key);
  const again = await post('/api/transfers', zlib.gzipSync(text), { ...key, 'content-encoding': 'gzip' });
  expect(first.statusCode).toBe(202);
  expect(again.headers['idempotency-replayed']).toBe('true');
});

test('a body that cannot be decoded does not consume its idempotency key', async () => {
  const body = transferBody();
  const text = Buffer.from(JSON.stringify(body));
  const key = { 'idempotency-key': `key-${body.callId}` };
  const broken = await post('/api/transfers', text, { ...key, 'content-encoding': 'gzip' });
  const whole = await post('/api/transfers', zlib.gzipSync(text), { ...key, 'content-encoding': 'gzip' });
  expect([broken.statusCode, whole.statusCode]).toEqual([400, 202]);
  expect(whole.headers).not.toHaveProperty('idempotency-replayed');
});

/**
 * Writes everything before it reads, as simple clients do; returns the response until it is complete or the
 * connection closed, or the error.
 */
function writeThenRead(pieces: (string | Buffer)[], to = port): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(to, '127.0.0.1', async () => {
      socket.pause();
      for (const piece of pieces) await new Promise((written) => socket.write(piece, written));
      socket.resume();
    });
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
      const [, length, body] = /content-length: (\d+)\r\n.*?\r\n\r\n(.*)/is.exec(text) ?? [];
      if (body !== undefined && Buffer.byteLength(body) >= Number(length)) socket.end();
    });
    socket.once('close', () => resolve(text));
    socket.once('error', reject);
  });
}

describe('the sender of an oversized body can read the answer', () => {
  const head = (more: string) =>
    `POST /api/transfers/batch HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${more}\r\n\r\n`;
  const mebibyte = Buffer.alloc(1024 * 1024, ' ');
  const sixteen = Array.from({ length: 16 }, () => mebibyte);

  test('with its length', async () => {
    const answer = await writeThenRead([head(`content-length: ${16 * mebibyte.length}`), ...sixteen]);
    expect(answer).toMatch(/^HTTP\/1\.1 413 .*"code":"body-too-large"/s);
  });

  test('in chunks', async () => {
    const chunks = sixteen.flatMap((bytes) => ['100000\r\n', bytes, '\r\n']);
    const answer = await writeThenRead([head('transfer-encoding: chunked'), ...chunks, '0\r\n\r\n']);
    expect(answer).toMatch(/^HTTP\/1\.1 413 .*"code":"body-too-large"/s);
  });

  test('compressed', async () => {
    const lines = `content-encoding: gzip\r\ncontent-length: ${16 * mebibyte.length}`;
    const answer = await writeThenRead([head(lines), ...sixteen]);
    expect(answer).toMatch(/^HTTP\/1\.1 413 .*"code":"body-too-large"/s);
  });
});

test('closes an unused connection without an answer, answers an incomplete request 408', async () => {
  const quick = await startApi({ redisUrl: inject('redisUrl'), timeouts: QUICK });
  const quickPort = await listen(quick);
  expect(await writeThenRead([], quickPort)).toBe('');
  expect(await writeThenRead(['GET /healthz HT'], quickPort)).toMatch(/^HTTP\/1\.1 408 /);
  await quick.close();
});

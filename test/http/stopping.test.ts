import net from 'node:net';
import { expect, inject, onTestFinished, test } from 'vitest';
import { connected, startApi, type TestApi, transferBody } from './start-api.ts';

/** Fastify gives a stop ten seconds. */
const DRAIN_MS = 9_000;
const LONG_MS = 60_000;
const TIMEOUTS = { headersMs: LONG_MS, requestMs: LONG_MS, idleMs: LONG_MS, keepAliveMs: LONG_MS };

async function listening(drainMs: number): Promise<{ api: TestApi; port: number }> {
  const api = await startApi({ redisUrl: inject('redisUrl'), timeouts: { ...TIMEOUTS, drainMs } });
  onTestFinished(api.close);
  await connected(api);
  const url = await api.app.listen({ host: '127.0.0.1', port: 0 });
  await expect.poll(async () => (await api.app.inject('/readyz')).statusCode).toBe(200);
  return { api, port: Number(new URL(url).port) };
}

/** A client with one keep-alive connection. */
async function connect(port: number) {
  const socket = net.connect(port, '127.0.0.1');
  let received = '';
  let isClosed = false;
  let look = () => {};
  socket.on('data', (bytes) => {
    received += bytes;
    look();
  });
  // A connection that closes before the answer counts as reset.
  socket.on('error', () => {});
  socket.once('close', () => {
    isClosed = true;
    look();
  });
  await new Promise((resolve) => socket.once('connect', resolve));

  /** The response until this matches or the connection closes. */
  async function until(pattern: RegExp): Promise<string> {
    while (!isClosed && !pattern.test(received))
      await new Promise<void>((resolve) => {
        look = resolve;
      });
    const text = received;
    received = '';
    return text;
  }

  return {
    write: (text: string) => socket.write(text),
    until,
    /** The answer: a head and a JSON body; empty if the connection closed instead. */
    answer: () => until(/^HTTP[^{]*\r\n\r\n\{.*\}$/s),
    isOver: () => isClosed,
  };
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`;

function submission(headers = ''): [head: string, body: string] {
  const body = JSON.stringify(transferBody());
  const lines = `content-type: application/json\r\ncontent-length: ${body.length}\r\n${headers}`;
  return [`POST /api/transfers HTTP/1.1\r\nhost: localhost\r\n${lines}\r\n`, body];
}

test('a stop under load answers every request, then closes each connection', async () => {
  const { api, port } = await listening(DRAIN_MS);
  let begin = () => {};
  const isUnderWay = new Promise<void>((resolve) => {
    begin = resolve;
  });
  let answers = 0;
  const paths = ['/healthz', '/readyz', '/api/transfers?callId=a', '/problems/too-late'];
  const load = Array.from({ length: 20 }, async (_, index) => {
    const client = await connect(port);
    const path = paths[index % paths.length] ?? '';
    for (;;) {
      client.write(get(path));
      const answer = await client.answer();
      if (++answers === 200) begin();
      if (!/^connection: close\r$/im.test(answer)) {
        expect([path, answer]).toEqual([path, expect.stringMatching(/^HTTP\/1\.1 200 /)]);
        continue;
      }
      expect(await client.until(/./s)).toBe('');
      return { path, answer };
    }
  });

  const waiting = await connect(port);
  waiting.write(submission('prefer: wait=30\r\n').join(''));
  const stream = await connect(port);
  const accepted = await api.app.inject({ method: 'POST', url: '/api/transfers', payload: transferBody() });
  stream.write(get(`${accepted.headers.location}/events`));
  expect(await stream.until(/event: timeline/)).toMatch(/^HTTP\/1\.1 200 /);
  const half = await connect(port);
  const [head, body] = submission();
  half.write(head + body.slice(0, 20));
  await isUnderWay;

  const stopped = api.app.close();
  const last = await Promise.all(load);
  for (const { path, answer } of last)
    expect([path, answer]).toEqual([
      path,
      expect.stringMatching(
        path === '/readyz' ? /^HTTP\/1\.1 503 .*"status":"stopping"/s : /^HTTP\/1\.1 200 /,
      ),
    ]);
  expect(await waiting.answer()).toMatch(/^HTTP\/1\.1 202 .*connection: close/is);
  expect(await stream.until(/(?:^|\r\n)0\r\n\r\n$/)).toMatch(/0\r\n\r\n$/);
  stream.write(get('/healthz'));
  expect(await stream.answer()).toMatch(/^HTTP\/1\.1 200 .*connection: close/is);
  half.write(body.slice(20));
  expect(await half.answer()).toMatch(/^HTTP\/1\.1 202 .*connection: close/is);
  await stopped;
});

test('an idle or unused connection does not delay a stop', async () => {
  const { api, port } = await listening(20);
  const idle = await connect(port);
  idle.write(get('/healthz'));
  expect(await idle.answer()).toMatch(/^HTTP\/1\.1 200 /);
  const unused = await connect(port);
  const accepted = () =>
    new Promise((resolve) => api.app.server.getConnections((_, count) => resolve(count)));
  await expect.poll(accepted).toBe(2);
  await api.app.close();
  expect(await unused.until(/./s)).toBe('');
  expect(await idle.until(/./s)).toBe('');
  expect(idle.isOver()).toBe(true);
});

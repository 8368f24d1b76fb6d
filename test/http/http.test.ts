import net from 'node:net';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { connected, startApi, type TestApi, transferBody } from './start-api.ts';

const QUICK = { headersMs: 300, requestMs: 600, idleMs: 60_000, keepAliveMs: 72_000 };

let api: TestApi;
let port: number;
beforeAll(async () => {
  api = await startApi({ redisUrl: inject('redisUrl') });
  await connected(api);
  port = await listen(api);
});
afterAll(() => api.close());

const listen = async ({ app }: TestApi) =>
  Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);

/** Sends these bytes and returns the response until the server closes the connection. */
function sendRaw(text: string, to = port): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(to, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.once('close', () => resolve(answer));
    socket.once('error', reject);
  });
}

test.each([
  ['POST', '/api', 404, 'route-not-found'],
  ['GET', '/api/transfers/x/y/z', 404, 'route-not-found'],
  ['PUT', '/api/transfers', 405, 'method-not-allowed'],
  ['PATCH', '/api/transfers/x?y=1', 405, 'method-not-allowed'],
  ['GET', '/api/simulator/transfer', 405, 'method-not-allowed'],
  ['GET', '/%zz', 400, 'bad-request'],
] as const)('%s %s is %s', async (method, url, status, code) => {
  const answer = await api.app.inject({ method, url });
  expect(answer.statusCode).toBe(status);
  expect(answer.headers['content-type']).toContain('application/problem+json');
  expect(answer.json()).toMatchObject({ type: `/problems/${code}`, status, code, title: expect.any(String) });
  if (status === 405) expect(answer.headers.allow).toMatch(/[A-Z]/);
});

test('an unparsable request is answered with a problem document', async () => {
  const garbage = await sendRaw('this is not http\r\n\r\n');
  expect(garbage).toMatch(/^HTTP\/1\.1 400 .*application\/problem\+json.*"code":"bad-request"/s);
  const long = await sendRaw(`GET /api/transfers/${'x'.repeat(20_000)} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  expect(long).toMatch(/^HTTP\/1\.1 431 .*"code":"headers-too-large"/s);
});

test('a request without a host is refused', async () => {
  expect(await sendRaw('GET /healthz HTTP/1.0\r\n\r\n')).toMatch(
    /^HTTP\/1\.1 403 .*"code":"host-not-allowed"/s,
  );
});

test('headers and bodies that do not arrive in time are answered 408', async () => {
  const quick = await startApi({ redisUrl: inject('redisUrl'), timeouts: QUICK });
  await connected(quick);
  const to = await listen(quick);
  const headers = await sendRaw('GET /healthz HTTP/1.1\r\nhost: localhost\r\n', to);
  expect(headers).toMatch(/^HTTP\/1\.1 408 .*"code":"request-timeout"/s);
  const from = quick.lines.length;
  const head =
    'POST /api/transfers HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{';
  expect(await sendRaw(head, to)).toMatch(/^HTTP\/1\.1 408 .*"code":"request-timeout"/s);
  await expect.poll(() => quick.lines.slice(from)).toMatchObject([{ message: 'request.broken-off' }]);
  await quick.close();
});

test('echoes a valid request id, else generates one', async () => {
  const given = await api.app.inject({ url: '/healthz', headers: { 'x-request-id': 'abc-1.2:3' } });
  expect(given.headers['x-request-id']).toBe('abc-1.2:3');
  for (const id of ['a b', '<script>', 'x'.repeat(129)]) {
    const made = await api.app.inject({ url: '/nothing', headers: { 'x-request-id': id } });
    expect(made.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  }
});

test('logs one line per request, with its transfer, without query, body and key', async () => {
  const from = api.lines.length;
  const payload = transferBody({ userId: 'private-user' });
  const answer = await api.app.inject({
    method: 'POST',
    url: '/api/transfers',
    headers: { authorization: 'Bearer my-secret' },
    payload,
  });
  await api.app.inject('/api/transfers?callId=private-call');
  const lines = api.lines.slice(from);
  expect(lines).toHaveLength(2);
  expect(lines[1]).toMatchObject({ fields: { method: 'GET', path: '/api/transfers', status: 200 } });
  expect(lines[0]).toMatchObject({
    level: 'info',
    fields: {
      method: 'POST',
      path: '/api/transfers',
      status: 202,
      actor: 'apiKey:anonymous',
      transfer: answer.json().id,
      call: payload.callId,
    },
  });
  expect(JSON.stringify(lines)).not.toMatch(/private|secret/);
});

test('logs a request whose client disconnects', async () => {
  const from = api.lines.length;
  const url = `http://127.0.0.1:${port}/api/transfers`;
  const giveUp = new AbortController();
  const waiting = fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', prefer: 'wait=30' },
    body: JSON.stringify(transferBody()),
    signal: giveUp.signal,
  });
  await expect.poll(() => api.changes.watching()).toBe(1);
  giveUp.abort();
  await expect(waiting).rejects.toThrow();
  await expect.poll(() => api.lines.length).toBe(from + 1);
  expect(api.lines.at(-1)).toMatchObject({
    fields: { method: 'POST', path: '/api/transfers', status: null, actor: 'apiKey:anonymous' },
    message: 'request.broken-off',
  });
  await expect.poll(() => api.changes.watching()).toBe(0);
});

test('an internal error is a 500 without details, which are logged', async () => {
  const broken = await startApi({ redisUrl: inject('redisUrl') });
  await connected(broken);
  await broken.redis.hset(broken.live.store.keys.record('bad'), {
    id: 'bad',
    status: 'queued',
    request: '{secret',
  });
  const answer = await broken.app.inject('/api/transfers/bad');
  expect(answer.statusCode).toBe(500);
  expect(answer.json()).toMatchObject({ code: 'internal-error' });
  expect(answer.body).not.toMatch(/secret|JSON|stack/);
  expect(broken.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
  await broken.close();
});

test('closing ends streams and waits at once, and closes keep-alive connections', async () => {
  const closing = await startApi({ redisUrl: inject('redisUrl') });
  await connected(closing);
  const url = await closing.app.listen({ host: '127.0.0.1', port: 0 });
  const accepted = await closing.app.inject({
    method: 'POST',
    url: '/api/transfers',
    payload: transferBody(),
  });
  const stream = await fetch(`${url}${accepted.headers.location}/events`);
  const from = performance.now();
  const waiting = fetch(`${url}/api/transfers`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', prefer: 'wait=30' },
    body: JSON.stringify(transferBody()),
  });
  await expect.poll(() => closing.changes.watching()).toBe(2);
  const closed = closing.close();
  expect((await waiting).status).toBe(202);
  expect(await stream.text()).toContain('event: timeline');
  await closed;
  // Shorter than the wait of 30 s.
  expect(performance.now() - from).toBeLessThan(30_000);
});

import diagnostics from 'node:diagnostics_channel';
import { once } from 'node:events';
import type http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { Worker } from 'node:worker_threads';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  afterRequest,
  expectNoSecrets,
  listen,
  newWire,
  notes,
  openWires,
  read,
  send,
  serve,
  serveRaw,
} from './wire.testing.ts';

/** In its own thread: tells its port and that a request came, and answers when it is let. */
const SERVER_BESIDE = `
  const { parentPort, workerData: { answers, has } } = require('node:worker_threads');
  const server = require('node:http').createServer((_, response) => {
    parentPort.postMessage('received');
    Atomics.wait(answers, 0, 0);
    response.on('finish', () => {
      Atomics.store(has, 0, 1);
      Atomics.notify(has, 0);
    });
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

openWires();

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

  test('not if it came while this process was stalled until after its time', { retry: 3 }, async () => {
    const timeoutMs = 2_000;
    const [answers, has] = [
      new Int32Array(new SharedArrayBuffer(4)),
      new Int32Array(new SharedArrayBuffer(4)),
    ];
    const server = new Worker(SERVER_BESIDE, { eval: true, workerData: { answers, has } });
    onTestFinished(async () => void (await server.terminate()));
    const [port] = await once(server, 'message');
    const started = performance.now();
    const answering = send(`http://127.0.0.1:${port}`, {}, newWire(timeoutMs));
    await once(server, 'message');
    expect(performance.now() - started, 'the machine was too busy').toBeLessThan(timeoutMs);
    // From here on this process is stalled.
    Atomics.store(answers, 0, 1);
    Atomics.notify(answers, 0);
    Atomics.wait(has, 0, 0);
    Atomics.wait(has, 0, 1, Math.max(1, started + timeoutMs + 50 - performance.now()));
    expect(await answering).toMatchObject({ answered: true, status: 200 });
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

  test('a certificate that is not trusted: nothing was sent', async () => {
    const handler = vi.fn();
    const port = await listen(https.createServer(CERTIFICATE, handler));
    const answer = await send(`https://127.0.0.1:${port}`);
    expect(answer).toMatchObject(noAnswer(false, /CERT.*, no connection/));
    expect(handler).not.toHaveBeenCalled();
    expectNoSecrets(answer);
  });

  test('what cannot be written as HTTP was not sent', async () => {
    const url = await serve((_request, response) => void response.end('{}'));
    const answer = await send(url, { headers: { 'if-match': 'a\nb' } });
    expect(answer).toMatchObject(noAnswer(false, 'ERR_INVALID_CHAR'));
  });

  test.each([
    ['its time-out', 100, 'no answer within 100 ms'],
    ['a shutdown', 10_000, 'aborted at shutdown'],
    ['the end of the wire', 10_000, 'aborted at shutdown'],
  ])('%s ends a connect that hangs, at once, and nothing was sent', async (what, timeoutMs, detail) => {
    const own = newWire(timeoutMs);
    const closing = new AbortController();
    const url = await afterRequest(() => {
      if (what === 'a shutdown') closing.abort();
      if (what === 'the end of the wire') own.close();
    });
    const answer = await send(url.replace('http:', 'https:'), { signal: closing.signal }, own);
    // Had the connect ended by itself, that would be told.
    expect(answer).toMatchObject(noAnswer(false, detail));
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

  // The same codes mean "no connection" where they come from a connect.
  test.each(['EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'ECONNREFUSED', 'EAI_AGAIN'])(
    'a connection that breaks with %s after the bytes left may have carried it',
    async (code) => {
      let request: http.ClientRequest | undefined;
      const note = (message: unknown) => {
        request = (message as { request: http.ClientRequest }).request;
      };
      diagnostics.subscribe('http.client.request.start', note);
      try {
        const url = await afterRequest(() => request?.destroy(Object.assign(new Error(code), { code })));
        expect(await send(url)).toMatchObject(noAnswer(true, code));
      } finally {
        diagnostics.unsubscribe('http.client.request.start', note);
      }
    },
  );

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
    const answer = await send(await serveRaw(() => undefined), {}, newWire(500));
    expect(answer).toMatchObject(noAnswer(true, 'no answer within 500 ms'));
    expectNoSecrets(answer);
  });

  test.each(['http:', 'https:'])(
    'what is given up over %s is ended, so that nothing leaves later',
    async (protocol) => {
      const closing = new AbortController();
      const server = net.createServer((socket) => socket.once('data', () => closing.abort()));
      const connected = once(server, 'connection') as Promise<[net.Socket]>;
      const url = `http://127.0.0.1:${await listen(server)}`;
      await send(url.replace('http:', protocol), { signal: closing.signal }, newWire(60_000));
      const [socket] = await connected;
      if (!socket.closed) await once(socket, 'close');
    },
  );

  test('a body that trickles is given up after the same time-out, from start to last byte', async () => {
    const url = await serve((_request, response) => {
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    });
    // It trickles without end: each byte is well within the time-out, and all of them are not.
    const answer = await send(url, {}, newWire(500));
    expect(answer).toMatchObject(noAnswer(true, 'no answer within 500 ms'));
    expect(notes).toHaveLength(1);
  });

  test('what is aborted at shutdown may have been sent', async () => {
    const closing = new AbortController();
    const url = await serveRaw((socket) => socket.once('data', () => closing.abort()));
    const answer = await send(url, { signal: closing.signal });
    expect(answer).toMatchObject(noAnswer(true, 'aborted at shutdown'));
    expectNoSecrets(answer);
  });
});

/** Only then may a read be sent again at once: of anything else something is known already, or it took its time. */
describe('a connection that breaks before any byte of an answer', () => {
  const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}';

  test.each<[string, boolean, (socket: net.Socket) => void]>([
    ['is closed', true, (socket) => socket.end()],
    ['is reset', true, (socket) => socket.resetAndDestroy()],
    ['says half a status line first', false, (socket) => socket.end('HTTP/1.1 2')],
    ['says one byte first', false, (socket) => socket.write('H', () => socket.destroy())],
    ['says something that is not HTTP', false, (socket) => socket.end('SSH-2.0-x\r\n')],
  ])('is told: one that %s (%s)', async (_, broken, then) => {
    expect(await read(await afterRequest(then))).toMatchObject({ answered: false, broken });
    // Whether it is new or was used before.
    let requests = 0;
    const url = await serveRaw((socket) =>
      socket.on('data', () => {
        requests += 1;
        if (requests === 1) socket.write(OK);
        else then(socket);
      }),
    );
    expect(await read(url)).toMatchObject({ answered: true });
    expect(await read(url)).toMatchObject({ answered: false, broken });
    expect(requests).toBe(2);
  });

  test('is told over TLS as well, new and used before', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    let requests = 0;
    const server = https.createServer(CERTIFICATE, (request, response) => {
      requests += 1;
      if (requests === 1) response.end('{}');
      else request.socket.destroy();
    });
    const url = `https://127.0.0.1:${await listen(server)}`;
    expect(await read(url)).toMatchObject({ answered: true });
    expect(await read(url)).toMatchObject({ answered: false, broken: true, failure: { sent: true } });
    expect(await read(url)).toMatchObject({ answered: false, broken: true, failure: { sent: true } });
    vi.unstubAllEnvs();
  });

  test('is something else than silence, a refused connect, and our own end', async () => {
    const silent = await serveRaw(() => undefined);
    expect(await read(silent, newWire(50))).toMatchObject({ answered: false, broken: false });
    const closed = net.createServer();
    const port = await listen(closed);
    await new Promise((resolve) => closed.close(resolve));
    expect(await read(`http://127.0.0.1:${port}`)).toMatchObject({ answered: false, broken: false });
    const own = newWire(2_000);
    const url = await afterRequest(() => own.close());
    expect(await read(url, own)).toMatchObject({ answered: false, broken: false });
  });
});

/** For 127.0.0.1, for a hundred years, for these tests only. */
const CERTIFICATE = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgC+MdpaAnkXyk5L9X
KvNuB5eN4Tmt6sdiADjnSHKld8WhRANCAATn5guDaoRhYsMDW6/gzisG0rjiXsU6
B9b6KI4CuxZ2eKGxd/x12miNTHlzO2BzMJtT4UZwGdDtY5JswJpkcTz9
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBkDCCATagAwIBAgIUfGuoI97ORf/AOAHXbs3eX3j9anEwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJMTI3LjAuMC4xMCAXDTI2MTEyNzAxMjUzMloYDzIxMjYxMTAz
MDEyNTMyWjAUMRIwEAYDVQQDDAkxMjcuMC4wLjEwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATn5guDaoRhYsMDW6/gzisG0rjiXsU6B9b6KI4CuxZ2eKGxd/x12miN
THlzO2BzMJtT4UZwGdDtY5JswJpkcTz9o2QwYjAdBgNVHQ4EFgQU7CjJKZwn/gwD
71PSlFQDKE4hin4wHwYDVR0jBBgwFoAU7CjJKZwn/gwD71PSlFQDKE4hin4wDwYD
VR0TAQH/BAUwAwEB/zAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMCA0gAMEUC
IB6DxsAY5ybq9d0EYyXNeeiKNighemRI5N7NkaKtlgerAiEA+HhczGr0Q8hvGLZm
OMQ+x9vlwq70Qu6lx22AAUDKd2Y=
-----END CERTIFICATE-----`,
};

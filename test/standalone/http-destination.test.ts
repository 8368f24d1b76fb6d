import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import type { Bill, DeliveryAnswer } from '@handover/core/billing';
import type { RequestNote } from '@handover/core/transfer';
import { createSandbox } from '@handover/sandbox';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  createHttpDestination,
  type HttpDestinationOptions,
} from '../../packages/core/src/destinations/http.ts';

const SECRET = 'whsec_c2VjcmV0LW9mLXRoZS1iaWxsaW5nLXN5c3RlbQ==';
const RAW_SECRET = 'ein-Geheimnis-€';

let open: (() => unknown)[] = [];
let notes: RequestNote[] = [];
afterEach(async () => {
  for (const close of open.reverse()) await close();
  open = [];
  notes = [];
});

const bill: Bill = {
  ...{
    id: 'transfer-1',
    eventId: 'e-1',
    callId: 'call-ü🎧',
    transferType: 'blind',
    transferId: 'transfer-1',
  },
  ...{ target: { type: 'queue', id: 'support' }, timestamp: '2026-11-22T10:00:00.000Z' },
  ...{ billingCode: 'TRANSFER_BLIND', metadata: { ticket: '4711 €', half: '\ud800', nul: '\0' } },
};

type Got = {
  method: string | undefined;
  url: string | undefined;
  headers: http.IncomingHttpHeaders;
  body: string;
};
type Answer = { status: number; headers?: http.OutgoingHttpHeaders; body?: string };

/** A server on 127.0.0.1 until the end of the test. Returns its port. */
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

/** A billing system with these answers, and its requests. */
async function receiver(answer: Answer = { status: 200 }) {
  const got: Got[] = [];
  const server = http.createServer(async (request, response) => {
    const { method, url, headers } = request;
    got.push({ method, url, headers, body: Buffer.concat(await request.toArray()).toString() });
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  return { got, url: `http://127.0.0.1:${await listen(server)}/records` };
}
/** A server that reads the request, and then does this with the socket. */
async function afterRequest(then: (socket: net.Socket) => void): Promise<string> {
  const server = net.createServer((socket) => socket.once('data', () => then(socket)));
  return `http://127.0.0.1:${await listen(server)}/records`;
}

function destinationAt(url: string, given: Partial<HttpDestinationOptions> = {}) {
  const made = createHttpDestination({
    url,
    timeoutMs: 20_000,
    onRequest: (note) => notes.push(note),
    ...given,
  });
  open.push(() => made.close());
  return made;
}
const never = () => new AbortController().signal;
const deliverTo = (url: string, given: Partial<HttpDestinationOptions> = {}) =>
  destinationAt(url, given).deliver(bill, never());
const answered = async (answer: Answer) => deliverTo((await receiver(answer)).url);
const detailOf = (answer: DeliveryAnswer) => (answer.delivered ? '' : answer.detail);

describe('a bill', () => {
  test('is POSTed as JSON, with its id as Idempotency-Key', async () => {
    const { url, got } = await receiver();
    expect(await deliverTo(`${url}?of=handover`)).toEqual({ delivered: true });
    expect(got).toHaveLength(1);
    expect(got[0]).toMatchObject({
      ...{ method: 'POST', url: '/records?of=handover' },
      headers: { 'content-type': 'application/json', 'idempotency-key': bill.id },
    });
    expect(JSON.parse(got[0]?.body ?? '')).toEqual(bill);
    expect(notes).toEqual([{ operation: 'bill', status: 200, ms: expect.any(Number) }]);
  });

  test('resent has the same key, id and body, with a new signature', async () => {
    const { url, got } = await receiver({ status: 503 });
    const destination = destinationAt(url, { secret: SECRET });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-22T10:00:00Z') });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    await destination.deliver(bill, never());
    vi.setSystemTime('2026-11-22T10:20:00Z');
    await destination.deliver(bill, never());
    const [first, second] = got.map(({ body, headers }): Record<string, unknown> => ({ body, ...headers }));
    for (const name of ['idempotency-key', 'webhook-id', 'body'] as const)
      expect(second?.[name]).toBe(first?.[name]);
    expect(second?.['webhook-id']).toBe(bill.id);
    expect(second?.['webhook-timestamp']).toBe(String(Number(first?.['webhook-timestamp']) + 1_200));
  });

  test.each([
    ['that is base64', SECRET, new Webhook(SECRET)],
    ['that is text', RAW_SECRET, new Webhook(Buffer.from(RAW_SECRET), { format: 'raw' })],
  ])('is signed by Standard Webhooks over the sent bytes, with a secret %s', async (_, secret, webhook) => {
    const { url, got } = await receiver();
    await deliverTo(url, { secret });
    const [{ body, headers } = { body: '', headers: {} }] = got;
    expect(webhook.verify(body, headers as Record<string, string>)).toEqual(bill);
    expect(() => webhook.verify(`${body} `, headers as Record<string, string>)).toThrow();
  });

  test('is not signed without a secret', async () => {
    const { url, got } = await receiver();
    await deliverTo(url);
    const names = Object.keys(got[0]?.headers ?? {});
    expect(names).toContain('idempotency-key');
    expect(names.filter((name) => /signature|webhook|authorization/.test(name))).toEqual([]);
  });

  test.each([
    ['h%40ndover:p%C3%A4ss', 'h@ndover:päss'],
    ['handover:100%ok%', 'handover:100%ok%'],
  ])('goes to a URL with %s@ as Basic authentication', async (written, meant) => {
    const { url, got } = await receiver();
    await deliverTo(url.replace('http://', `http://${written}@`));
    expect(got[0]?.headers.authorization).toBe(`Basic ${Buffer.from(meant).toString('base64')}`);
    expect(got[0]?.url).toBe('/records');
  });

  test('sent twice is recorded once by a billing system that is idempotent by key', async () => {
    const sandbox = createSandbox();
    open.push(() => sandbox.close());
    sandbox.changeSettings({ billingSecret: SECRET });
    const destination = destinationAt(`${await sandbox.listen()}/billing/records`, { secret: SECRET });
    const answers = [await destination.deliver(bill, never()), await destination.deliver(bill, never())];
    expect(answers).toEqual([{ delivered: true }, { delivered: true }]);
    expect(sandbox.billing.entries()).toMatchObject([
      { key: bill.id, requests: 2, body: bill, signed: true },
    ]);
    // The key belongs to another bill: this one will never be accepted.
    const other = await destination.deliver({ ...bill, callId: 'call-2' }, never());
    expect(other).toMatchObject({
      delivered: false,
      kind: 'refused',
      detail: 'the destination answered 422',
    });
  });
});

describe('an answer', () => {
  test.each([200, 201, 202, 204, 299])('%i is a delivery', async (status) => {
    expect(await answered({ status })).toEqual({ delivered: true });
  });

  test.each([400, 406, 411, 412, 413, 414, 415, 416, 418, 422, 428, 431, 451, 499])(
    '%i is a no for good',
    async (status) => {
      const detail = `the destination answered ${status}`;
      expect(await answered({ status })).toMatchObject({ delivered: false, kind: 'refused', detail });
    },
  );

  test.each([408, 429, 500, 501, 502, 503, 504, 599])('%i is retried', async (status) => {
    const detail = `the destination answered ${status}`;
    expect(await answered({ status })).toMatchObject({ delivered: false, kind: 'trouble', detail });
  });

  test.each([
    ['busy', [409, 423, 425]],
    ['misconfigured', [401, 402, 403, 404, 405, 407, 421, 426]],
    ['gone', [410]],
  ])('%s is the result of %j, with Retry-After if given', async (kind, statuses) => {
    for (const status of statuses) {
      const answer = await answered({ status, headers: { 'retry-after': '9' } });
      expect(answer).toMatchObject({ delivered: false, kind, retryAfterMs: 9_000 });
      expect(detailOf(answer)).toMatch(new RegExp(`^the destination answered ${status}(:|$)`));
    }
  });

  test.each([200, 201, 202, 203, 206])('%i with a web page is an outage', async (status) => {
    for (const type of ['text/html', 'Text/HTML; charset=utf-8'])
      expect(await answered({ status, headers: { 'content-type': type }, body: '<html>' })).toEqual({
        delivered: false,
        kind: 'trouble',
        detail: `the destination answered ${status}: a web page, so not from the billing system`,
        retryAfterMs: undefined,
      });
    for (const type of ['text/plain', 'application/xml', 'application/json'])
      expect(await answered({ status, headers: { 'content-type': type }, body: 'ok' })).toEqual({
        delivered: true,
      });
  });

  test.each([204, 205])('%i, which has no body, is a delivery whatever its content type', async (status) => {
    expect(await answered({ status, headers: { 'content-type': 'text/html' } })).toEqual({ delivered: true });
  });

  test.each([301, 302, 303, 307, 308])('%i is not followed, and retried', async (status) => {
    const elsewhere = await receiver();
    const moved = await answered({ status, headers: { location: elsewhere.url } });
    expect(moved).toMatchObject({ delivered: false, kind: 'trouble' });
    expect(detailOf(moved)).toBe(`the destination answered ${status}`);
    expect(elsewhere.got).toEqual([]);
  });

  test.each([429, 503])('%i respects Retry-After, in seconds or as a date', async (status) => {
    const inSeconds = await answered({ status, headers: { 'retry-after': '7' } });
    expect(inSeconds).toMatchObject({ kind: 'trouble', retryAfterMs: 7_000 });
    const date = new Date(Date.now() + 90_000).toUTCString();
    const { retryAfterMs = 0 } = (await answered({ status, headers: { 'retry-after': date } })) as {
      retryAfterMs?: number;
    };
    expect(retryAfterMs).toBeGreaterThan(80_000);
    expect(retryAfterMs).toBeLessThanOrEqual(90_000);
  });

  test.each(['soon', '-5', '0', '', 'Mon, 01 Jan 2001 00:00:00 GMT', '1e9'])(
    'ignores a Retry-After of "%s"',
    async (retryAfter) => {
      const answer = await answered({ status: 429, headers: { 'retry-after': retryAfter } });
      expect(answer).toMatchObject({ delivered: false, kind: 'trouble' });
      expect(answer).not.toMatchObject({ retryAfterMs: expect.any(Number) });
    },
  );

  test.each(['', 'thanks', '{"half":', '[]'])('200 is a delivery, whatever its body: "%s"', async (body) => {
    expect(await answered({ status: 200, body, headers: { 'content-type': 'application/json' } })).toEqual({
      delivered: true,
    });
  });

  test('201 with an oversized body is a delivery', async () => {
    expect(await answered({ status: 201, body: 'x'.repeat(1_100_000) })).toEqual({ delivered: true });
  });

  test('200 with a truncated body is a delivery', async () => {
    const url = await afterRequest((socket) => {
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"id":');
    });
    expect(await deliverTo(url)).toEqual({ delivered: true });
  });
});

describe('is retried without an answer', () => {
  test('if nothing listens', async () => {
    const { url } = await receiver();
    await open.pop()?.();
    const answer = await deliverTo(url);
    expect(answer).toEqual({ delivered: false, kind: 'trouble', detail: 'ECONNREFUSED, no connection' });
  });

  test('if the name is unknown', async () => {
    const answer = await deliverTo('http://billing.invalid/records');
    expect(answer).toMatchObject({ delivered: false, kind: 'trouble' });
    expect(detailOf(answer)).toMatch(/^(ENOTFOUND|EAI_AGAIN)/);
  });

  test.each<[string, (socket: net.Socket) => void]>([
    ['the connection is reset', (socket) => socket.resetAndDestroy()],
    ['the connection is closed', (socket) => socket.end()],
    ['what comes is not HTTP', (socket) => socket.end('220 smtp.example ready\r\n\r\n')],
  ])('if %s', async (_, then) => {
    const answer = await deliverTo(await afterRequest(then));
    expect(answer).toMatchObject({ delivered: false, kind: 'trouble', detail: expect.stringMatching(/./) });
  });

  test.each<[string, (socket: net.Socket) => void]>([
    ['says nothing', () => undefined],
    ['says nothing more after its head began', (socket) => socket.write('HTTP/1.1 200 OK\r\nx-a: ')],
  ])('if the destination %s in time', async (_, then) => {
    const answer = await deliverTo(await afterRequest(then), { timeoutMs: 150 });
    expect(answer).toEqual({ delivered: false, kind: 'trouble', detail: 'no answer within 150 ms' });
    expect(notes).toMatchObject([{ operation: 'bill', status: null }]);
  });

  test('if this process stops', async () => {
    const stop = new AbortController();
    const url = await afterRequest(() => stop.abort());
    const answer = await destinationAt(url).deliver(bill, stop.signal);
    expect(answer).toEqual({ delivered: false, kind: 'trouble', detail: 'aborted at shutdown' });
  });
});

test('no failure reveals the URL with its password or token, or the secret', async () => {
  const { url: refusing } = await receiver({ status: 401, body: '{"message":"p4ss tok-1"}' });
  const silent = await afterRequest(() => undefined);
  const resetting = await afterRequest((socket) => socket.resetAndDestroy());
  const moving = (await receiver({ status: 302, headers: { location: 'http://u:p4ss@x/?t=tok-1' } })).url;
  const nowhere = 'http://billing.invalid/records';
  const answers = await Promise.all(
    [refusing, silent, resetting, moving, nowhere].map((url) =>
      deliverTo(`${url.replace('http://', 'http://ann:p4ss@')}?token=tok-1`, {
        timeoutMs: 300,
        secret: SECRET,
      }),
    ),
  );
  for (const answer of answers) {
    expect(detailOf(answer)).toMatch(/./);
    expect(JSON.stringify([answer, notes])).not.toMatch(/p4ss|tok-1|whsec_|c2Vj/);
  }
});

import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, beforeEach, expect } from 'vitest';
import type { RequestNote } from '../transfer/words.ts';
import { createWire, type Wire, type WireAnswer, type WireRequest } from './wire.ts';

/** In the requests of these tests; no answer may contain it. */
export const TOKEN = 'tok-4711';
const SECRET = 'sec-0815';

/** The requests noted by each test's wires. */
export const notes: RequestNote[] = [];
let open: (() => void)[] = [];
let wire: Wire;

/**
 * Gives each test of the calling file its own wire and notes, and closes them afterwards. Called by each file: hooks registered
 * at load time would apply only to the first file of a Vitest worker, since files share this module.
 */
export function openWires(): void {
  beforeEach(() => {
    notes.length = 0;
    wire = newWire(2_000);
  });
  afterEach(() => {
    for (const close of open.reverse()) close();
    open = [];
  });
}

/** A wire until the end of the test. */
export function newWire(timeoutMs: number, correlation?: string): Wire {
  const made = createWire(timeoutMs, (note) => notes.push(note), { keep: ['etag'], correlation });
  open.push(() => made.close());
  return made;
}

/** Starts a server on 127.0.0.1 until the end of the test. Returns its port. */
export async function listen(server: net.Server): Promise<number> {
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

export const serve = async (handler: http.RequestListener) =>
  `http://127.0.0.1:${await listen(http.createServer(handler))}`;
export const serveRaw = async (onSocket: (socket: net.Socket) => void) =>
  `http://127.0.0.1:${await listen(net.createServer(onSocket))}`;
/** Runs this after the request was received. */
export const afterRequest = (then: (socket: net.Socket) => void) =>
  serveRaw((socket) => socket.once('data', () => then(socket)));

/** Sends the effect, unless changed, over the test's own wire (time-out 2 s), unless another is given. */
export function send(url: string, change: Partial<WireRequest> = {}, by = wire): Promise<WireAnswer> {
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

/** A read. */
export const read = (url: string, by = wire) =>
  send(url, { operation: 'call', method: 'GET', body: undefined }, by);

/** Asserts that an answer contains no secret of the request. */
export function expectNoSecrets(answer: WireAnswer): void {
  const told = JSON.stringify(answer) + inspect(answer, { depth: null, showHidden: true });
  expect(told).not.toContain(TOKEN);
  expect(told).not.toContain(SECRET);
}

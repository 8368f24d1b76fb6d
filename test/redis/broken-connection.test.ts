import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createGenesys, type Genesys } from '../../packages/core/src/genesys/genesys.ts';
import { createBudget } from '../../packages/core/src/redis/pace/budget.ts';
import { markOf, openTestLane, type TestLane } from '../support/lane.ts';

const WINDOW = { requests: 100, windowMs: 60_000 };
const { signal } = new AbortController();

let lane: TestLane;
let server: http.Server;
let genesys: Genesys;
/** The requests to the platform, in order: `GET /api/v2/users/u`. */
let asked: string[];
/** How many of the next requests hit a broken connection. */
let breaks: number;

beforeEach(async () => {
  asked = [];
  breaks = 0;
  lane = openTestLane();
  server = http.createServer((request, response) => {
    request.resume().on('end', () => {
      const { method, url = '' } = request;
      if (url.endsWith('/token')) return void response.end('{"access_token":"t","expires_in":3600}');
      asked.push(`${method} ${url}`);
      breaks -= 1;
      if (breaks >= 0) return request.socket.resetAndDestroy();
      const id = url.split('/').at(-1);
      return void response.end(
        JSON.stringify({ id, name: 'x', state: 'open', privacy: false, etag: '"1"', roles: [] }),
      );
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  genesys = createGenesys({
    dialect: 'voice',
    redis: lane.redis,
    lane: lane.lane,
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    clientId: 'client',
    clientSecret: 'secret',
    timeoutMs: 5_000,
    budget: WINDOW,
    cache: { userTtlMs: 0, queueTtlMs: 0 },
    onRequest: () => undefined,
    onToken: () => undefined,
  });
});
afterEach(async () => {
  genesys.close();
  server.closeAllConnections();
  server.close();
  await lane.close();
});

const left = () => createBudget(lane.redis, lane.lane, WINDOW).remaining();
const reads = {
  call: () => genesys.transfers.readCall({ callId: 'c', userId: 'u' }, signal),
  agent: () => genesys.transfers.readAgent({ userId: 'u', target: { type: 'queue', id: 'q' } }, signal),
  queue: () => genesys.transfers.readTarget({ type: 'queue', id: 'q' }, signal),
};

test('repeats a read once, and takes both requests from the budget', async () => {
  // Over a new connection, then over kept-alive ones.
  for (const [what, read] of Object.entries(reads)) {
    asked = [];
    breaks = 1;
    const before = await left();
    const reading = await read();
    expect(reading, what).toMatchObject({ ok: true });
    expect(
      reading.requests.filter(({ operation }) => operation !== 'token'),
      what,
    ).toHaveLength(2);
    expect(asked, what).toHaveLength(2);
    expect(asked[0], what).toBe(asked[1]);
    expect(before - (await left()), what).toBe(2);
  }
});

test('a read that breaks twice counts as no answer', async () => {
  breaks = 2;
  expect(await reads.call()).toMatchObject({ ok: false, failure: { kind: 'no-answer', sent: true } });
  expect(asked).toHaveLength(2);
});

test('never resends the effect', async () => {
  await reads.call();
  asked = [];
  breaks = 1;
  const command = {
    effect: 'move',
    callId: 'c',
    userId: 'u',
    transferType: 'blind',
    mark: markOf(),
  } as const;
  const target = { type: 'queue', id: 'q' } as const;
  expect(await genesys.transfers.move({ ...command, target }, async () => true, signal)).toMatchObject({
    moved: 'failed',
    failure: { kind: 'no-answer', sent: true },
  });
  expect(asked).toEqual(['POST /api/v2/voice/calls/c/transfer']);
});

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readConfig } from '@handover/core/config';
import { expect, onTestFinished, test } from 'vitest';
import { checkApi } from './api.ts';

const KEY = 'the-key-of-the-api';
const GENESYS = { GENESYS_API: 'platform', GENESYS_BASE_URL: 'http://127.0.0.1:9' };
const ready = { status: 'ready', genesys: { dialect: 'platform', baseUrl: GENESYS.GENESYS_BASE_URL } };

async function startApi(body: object, status: number): Promise<string> {
  const server = createServer((request, response) => {
    const isReady = request.url === '/readyz';
    const isKeyed = request.headers.authorization === `Bearer ${KEY}`;
    response.writeHead(isReady ? status : isKeyed ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isReady ? body : {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test.each([
  ['is ready', ready, 200, {}, 'ok', /is ready$/],
  [
    'is ready, and takes the key',
    ready,
    200,
    { HANDOVER_API_KEY: KEY },
    'ok',
    /is ready, and takes the key$/,
  ],
  ['refuses the key', ready, 200, { HANDOVER_API_KEY: 'another-key' }, 'failed', /refuses the key \(401\)$/],
  [
    ...(['is not ready', { status: 'not-ready', redisDetail: 'Redis is asleep' }, 503, {}] as const),
    ...(['failed', /is not-ready: Redis is asleep$/] as const),
  ],
  [
    'is something else',
    { hello: 1 },
    200,
    {},
    'failed',
    /answers 200 to \/readyz, and not as the API of Handover$/,
  ],
  [
    ...([
      'talks to another Genesys',
      { ...ready, genesys: { dialect: 'voice', baseUrl: 'http://b' } },
      200,
      {},
    ] as const),
    ...(['warning', /is ready, and configured for voice at http:\/\/b$/] as const),
  ],
])('the API %s', async (_name, body, status, change, expected, detail) => {
  const env = { ...GENESYS, HANDOVER_URL: await startApi(body, status), ...change };
  const found = await checkApi(readConfig(env, 'worker').config);
  expect(found).toMatchObject({ status: expected, detail: expect.stringMatching(detail) });
});

test('without HANDOVER_URL nothing is asked', async () => {
  expect(await checkApi(readConfig(GENESYS, 'worker').config)).toEqual({
    status: 'skipped',
    detail: 'HANDOVER_URL is not set',
  });
});

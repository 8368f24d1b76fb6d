import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LONG } from '../support/chance.ts';
import { type OwnRedis, startOwnRedis } from '../support/own-redis.ts';
import { startRedisProxy } from '../support/redis-proxy.ts';
import { connected, startApi, type TestApi } from './start-api.ts';
import { bearer, counted, queued, RAW, STRANGE, send, signature, transferEvent } from './webhook-events.ts';

let redis: OwnRedis;
const closers: (() => unknown)[] = [];
beforeEach(async () => {
  redis = await startOwnRedis();
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await redis.stop();
});

async function start(redisUrl = redis.url, answersNow = true): Promise<TestApi> {
  const api = await startApi({ redisUrl, env: { WEBHOOK_SECRET: RAW }, answersNow });
  closers.push(api.close);
  await connected(api);
  return api;
}

async function expectUnavailable(api: TestApi, code: string, retryAfter: string): Promise<void> {
  const body = JSON.stringify(transferEvent());
  for (const headers of [bearer(RAW), { 'x-api-key': RAW }, signature(RAW, body)]) {
    const from = performance.now();
    const answer = await send(api, body, headers);
    if (LONG) expect(performance.now() - from).toBeLessThan(1_500);
    expect(answer.statusCode).toBe(503);
    expect(answer.json().code).toBe(code);
    expect(answer.headers['retry-after']).toBe(retryAfter);
  }
}

async function expectForgedRefused(api: TestApi): Promise<void> {
  const body = JSON.stringify(transferEvent());
  for (const headers of [{}, bearer(STRANGE), signature(STRANGE, body), signature(RAW, `${body} `)])
    expect((await send(api, body, headers)).statusCode).toBe(401);
}

test('while Redis is down, valid events get 503, forged ones are refused, then it recovers', async () => {
  const api = await start();
  await redis.kill();
  await expect.poll(() => api.redis.status).not.toBe('ready');
  await expectUnavailable(api, 'redis-unavailable', '1');
  await expectForgedRefused(api);
  expect(await counted(api)).toMatchObject({ queued: 0, unavailable: 3, unauthenticated: 4 });
  await redis.restart();
  await connected(api);
  expect((await send(api, transferEvent(), bearer(RAW))).json()).toEqual({ status: 'queued' });
  expect(await queued(api)).toHaveLength(1);
});

test('the same at the memory limit of Redis', async () => {
  const api = await start();
  await api.redis.config('SET', 'maxmemory', '1');
  await expectUnavailable(api, 'redis-full', '10');
  await expectForgedRefused(api);
  await api.redis.config('SET', 'maxmemory', '0');
  expect(await queued(api)).toEqual([]);
  expect((await send(api, transferEvent(), bearer(RAW))).json()).toEqual({ status: 'queued' });
  expect(await counted(api)).toMatchObject({ queued: 1, unavailable: 3, unauthenticated: 4 });
});

test('answers only after Redis has acknowledged the job', async () => {
  const proxy = await startRedisProxy(redis.port);
  closers.push(proxy.close);
  const api = await start(`redis://127.0.0.1:${proxy.port}`, false);
  // Triggers one-time requests of the first use.
  await send(api, transferEvent(), bearer(RAW));
  const beside = new Redis(redis.url);
  closers.push(() => beside.disconnect());
  proxy.hold();
  let isAnswered = false;
  const answer = send(api, transferEvent(), bearer(RAW)).finally(() => {
    isAnswered = true;
  });
  await expect.poll(() => beside.llen(`${api.prefix}:billing:wait`)).toBe(2);
  expect(isAnswered).toBe(false);
  proxy.release();
  expect((await answer).json()).toEqual({ status: 'queued' });
});

test('while Redis is unresponsive no event is acknowledged, and a repeat adds no second job', async () => {
  const proxy = await startRedisProxy(redis.port);
  closers.push(proxy.close);
  const api = await start(`redis://127.0.0.1:${proxy.port}`);
  await send(api, transferEvent(), bearer(RAW));
  const event = transferEvent();
  proxy.hold();
  const answer = await send(api, event, bearer(RAW));
  expect(answer.statusCode).toBe(503);
  expect(answer.json().code).toBe('redis-unavailable');
  proxy.release();
  await expect
    .poll(async () => (await send(api, event, bearer(RAW))).json())
    .toEqual({ status: 'duplicate' });
  expect(await queued(api)).toHaveLength(2);
});

import { watchRedis } from '@handover/api';
import { connectRedis, createChanges, createProgress } from '@handover/core/redis';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LONG } from '../support/chance.ts';
import { type OwnRedis, startOwnRedis } from '../support/own-redis.ts';
import { startRedisProxy } from '../support/redis-proxy.ts';
import { connected, startApi, type TestApi, transferBody } from './start-api.ts';

let redis: OwnRedis;
const closers: (() => unknown)[] = [];
beforeEach(async () => {
  redis = await startOwnRedis();
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await redis.stop();
});

async function start(redisUrl = redis.url): Promise<TestApi> {
  const api = await startApi({ redisUrl, env: { SANDBOX_URL: 'http://127.0.0.1:1' }, answersNow: true });
  const { stop } = watchRedis(api.redis, {
    settings: { url: redisUrl },
    prefix: api.prefix,
    allowVolatile: false,
    log: api.app.log,
    refuse: () => {},
    progress: createProgress(),
    recoveryMs: 60_000,
    neededReplicas: 0,
    waitsForReplicas: false,
    onSilent: () => {},
  });
  closers.push(api.close, stop);
  return api;
}

const SIMULATION = { userId: 'u', callId: 'c', targetQueueId: 'q' };
const routes = [
  { method: 'POST', url: '/api/transfers', payload: transferBody() },
  { method: 'POST', url: '/api/transfers', payload: transferBody(), headers: { 'idempotency-key': 'k' } },
  { method: 'POST', url: '/api/transfers/batch', payload: { transfers: [transferBody()] } },
  { method: 'GET', url: '/api/transfers/x' },
  { method: 'GET', url: '/api/transfers?callId=x' },
  { method: 'GET', url: '/api/transfers/x/events' },
  { method: 'DELETE', url: '/api/transfers/x' },
  { method: 'GET', url: '/api/dead-letters' },
  { method: 'POST', url: '/api/dead-letters/x/replay', payload: { reason: 'x' } },
  { method: 'POST', url: '/api/dead-letters/x/resolve', payload: { happened: true, reason: 'x' } },
  { method: 'POST', url: '/api/simulator/transfer', payload: SIMULATION },
  { method: 'GET', url: '/api/reports/quality' },
  { method: 'GET', url: '/api/reports/billing' },
  { method: 'GET', url: '/api/billing/records' },
  { method: 'GET', url: '/api/billing/discrepancies' },
  { method: 'GET', url: '/api/billing/export?month=2026-11' },
  { method: 'POST', url: '/api/dead-letters/billing.x/replay', payload: { reason: 'x' } },
  { method: 'GET', url: '/admin/queues/api/queues' },
] as const;

async function expectUnavailable(
  api: TestApi,
  which: readonly (typeof routes)[number][] = routes,
): Promise<void> {
  for (const route of which) {
    const from = performance.now();
    const answer = await api.app.inject(route);
    if (LONG) expect(performance.now() - from, route.url).toBeLessThan(1_000);
    expect(answer.statusCode, route.url).toBe(503);
    expect(answer.json().code).toBe('redis-unavailable');
    expect(answer.headers['retry-after']).toBe('1');
  }
  const ready = await api.app.inject('/readyz');
  expect(ready.statusCode).toBe(503);
  expect(ready.json()).toMatchObject({
    status: 'not-ready',
    redis: 'unavailable',
    webhook: { state: 'not known without Redis' },
  });
  expect((await api.app.inject('/healthz')).statusCode).toBe(200);
  expect((await api.app.inject('/api/status')).json()).toMatchObject({
    says: 'Redis cannot be used: it does not answer. Nothing is accepted or moved.',
    queues: { is: 'unknown' },
  });
  const metrics = await api.app.inject('/metrics');
  expect(metrics.statusCode).toBe(200);
  expect(metrics.body).toMatch(/handover_unconfirmed nan/i);
  expect(metrics.body).toMatch(/handover_billing_dead_letters nan/i);
  expect(metrics.body).toMatch(/handover_billing_discrepancies\{name="missing-event"\} nan/i);
  expect(metrics.body).toMatch(/handover_webhook_registered nan/i);
}

async function expectServing(api: TestApi): Promise<void> {
  await expect.poll(async () => (await api.app.inject('/readyz')).statusCode).toBe(200);
  const answer = await api.app.inject({ method: 'POST', url: '/api/transfers', payload: transferBody() });
  expect(answer.statusCode).toBe(202);
  expect(await api.live.queue.getJob(answer.json().id)).toBeDefined();
}

test('while Redis is down, every route that needs it answers 503 at once, then recovers', async () => {
  const api = await start();
  await connected(api);
  await expectServing(api);
  await redis.kill();
  await expect.poll(() => api.redis.status).not.toBe('ready');
  await expectUnavailable(api);
  await redis.restart();
  await expectServing(api);
  const told = api.lines.map(({ fields, message }) => message ?? fields);
  expect(told.filter((line) => /redis\.lost/.test(String(line)))).toHaveLength(1);
  expect(told.filter((line) => /redis\.back/.test(String(line)))).toHaveLength(1);
});

test('an API that starts before Redis serves once Redis is up', async () => {
  await redis.kill();
  const api = await start();
  await expectUnavailable(api);
  await expect.poll(() => api.lines.some(({ message }) => message === 'redis.not-reached')).toBe(true);
  await redis.restart();
  await expectServing(api);
  const events = api.lines.map(({ fields, message }) => message ?? fields);
  expect(events.filter((event) => /^redis\.(?!durab)/.test(String(event)))).toEqual([
    'redis.not-reached',
    'redis.reached',
  ]);
  expect(api.lines.find(({ message }) => message === 'redis.not-reached')?.fields).toEqual({
    reason: `Redis was not reached yet at 127.0.0.1:${redis.port} (ECONNREFUSED): is it running there, and is REDIS_URL right?`,
  });
});

test('detects an unresponsive connection within a second and replaces it', async () => {
  const proxy = await startRedisProxy(redis.port);
  closers.push(proxy.close);
  const api = await start(`redis://127.0.0.1:${proxy.port}`);
  await connected(api);
  await expectServing(api);
  proxy.silence();
  // Only the first waits for an answer that never comes.
  await expectUnavailable(api, routes.slice(1, 4));
  await expectServing(api);
});

test('Bull Board reports an unresponsive Redis like other routes', async () => {
  const proxy = await startRedisProxy(redis.port);
  closers.push(proxy.close);
  const api = await start(`redis://127.0.0.1:${proxy.port}`);
  await connected(api);
  await expectServing(api);
  proxy.silence();
  await expectUnavailable(api, routes.slice(-1));
  await expectServing(api);
});

test('near the memory limit refuses new transfers, not idempotent repeats, then recovers', async () => {
  const api = await start();
  await connected(api);
  const payload = transferBody();
  const headers = { 'idempotency-key': 'before-it-was-full' };
  const submit = (body: object, more = {}) =>
    api.app.inject({ method: 'POST', url: '/api/transfers', payload: body, headers: more });
  const first = await submit(payload, headers);
  await api.redis.config('SET', 'maxmemory', '1200000');
  await expect.poll(async () => (await submit(transferBody())).statusCode).toBe(503);
  const refused = await submit(transferBody());
  expect(refused.json().code).toBe('redis-full');
  expect(refused.headers['retry-after']).toBe('10');
  const batch = { transfers: [transferBody()] };
  const refusedBatch = await api.app.inject({ method: 'POST', url: '/api/transfers/batch', payload: batch });
  expect(refusedBatch.json().code).toBe('redis-full');
  const again = await submit(payload, headers);
  expect(again.statusCode).toBe(202);
  expect(again.json()).toEqual(first.json());
  await api.redis.config('SET', 'maxmemory', '0');
  await expect.poll(async () => (await submit(transferBody())).statusCode).toBe(202);
});

test('permanently closing a connection before Redis returns affects no other', async () => {
  const proxy = await startRedisProxy(redis.port);
  closers.push(proxy.close);
  const settings = { url: `redis://127.0.0.1:${proxy.port}` };
  const subscriber = connectRedis(settings, 'wait', 'test-changes').on('error', () => {});
  closers.push(() => subscriber.disconnect());
  const changes = createChanges(subscriber, ['channel']);
  const watch = changes.watch('channel', 'a');
  expect(await watch.next(60_000)).toBe('changed');
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  closers.push(() => process.off('unhandledRejection', unhandled));
  const ended = new Promise((resolve) => subscriber.once('end', resolve));
  subscriber.once('ready', () => {
    proxy.hold();
    subscriber.disconnect();
  });
  subscriber.disconnect(true);
  await ended;
  // Node reports unhandled rejections after the microtasks.
  await new Promise((resolve) => setImmediate(resolve));
  expect(unhandled).not.toHaveBeenCalled();
  expect(await watch.next(1)).toBe('quiet');
  watch.end();
});

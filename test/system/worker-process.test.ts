import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createSandbox } from '@handover/sandbox';
import { afterEach, expect, inject, test } from 'vitest';
import { openTestLane, settlementOf } from '../support/lane.ts';
import { startOwnRedis } from '../support/own-redis.ts';
import { freePort } from '../support/ports.ts';

const MAIN = resolve(import.meta.dirname, '../../apps/worker/dist/main.js');
const SECRET = 'hush-hush-client';
/** The Redis in `REDIS_URL` may be volatile; these tests do not depend on durability. */
const SHARED = { REDIS_ALLOW_VOLATILE: 'true' };
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Starts the built worker with this environment and nothing else. */
async function start(env: Record<string, string>) {
  const port = await freePort();
  const child: ChildProcess = spawn(process.execPath, [MAIN], {
    env: {
      GENESYS_BASE_URL: 'http://127.0.0.1:1',
      GENESYS_CLIENT_ID: 'id',
      GENESYS_CLIENT_SECRET: SECRET,
      QUEUE_PREFIX: `{t-${randomUUID().slice(0, 8)}}`,
      METRICS_PORT: String(port),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'close').then(([code]) => code as number);
  closers.push(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    err += chunk;
  });
  const url = `http://127.0.0.1:${env.METRICS_PORT ?? port}`;
  return { child, exited, url, out: () => out, err: () => err };
}

const status = (url: string) =>
  fetch(url, { signal: AbortSignal.timeout(10_000) }).then(
    (answer) => answer.status,
    () => 0,
  );
type Ready = { genesys: { token: string; tokenDetail: string } };
const readyz = async (url: string) => (await (await fetch(`${url}/readyz`)).json()) as Ready;

test('a worker keeps up what settlements leave: counts are added up, and indexes of what is gone are trimmed', async () => {
  const lane = openTestLane();
  closers.push(() => lane.close());
  await lane.records.settle(await lane.accept(), settlementOf(), []);
  await lane.redis.zadd(lane.keys.all, 1, 'gone');
  expect(await lane.redis.llen(`${lane.keys.report}:noted`)).toBe(1);
  await start({ ...SHARED, REDIS_URL: inject('redisUrl'), QUEUE_PREFIX: lane.prefix });
  await expect.poll(() => lane.redis.hget(lane.keys.report, 'transferred')).toBe('1');
  await expect.poll(() => lane.redis.zscore(lane.keys.all, 'gone')).toBeNull();
});

test('a ready worker reports Redis and Genesys, exposes its metrics, and exits with 0', async () => {
  const sandbox = createSandbox();
  closers.push(() => sandbox.close());
  const worker = await start({
    ...SHARED,
    REDIS_URL: inject('redisUrl'),
    GENESYS_BASE_URL: await sandbox.listen(),
  });
  await expect.poll(() => status(`${worker.url}/readyz`)).toBe(200);
  const token = async () => (await readyz(worker.url)).genesys.token;
  await expect.poll(token).toBe('ok');
  expect(await (await fetch(`${worker.url}/readyz`)).json()).toMatchObject({
    status: 'ready',
    redis: 'connected',
    genesys: { dialect: 'voice', holdOffUntil: null },
  });
  expect(await status(`${worker.url}/healthz`)).toBe(200);
  const metrics = await (await fetch(`${worker.url}/metrics`)).text();
  expect(metrics).toMatch(/handover_genesys_requests_total\{operation="token",status="200"\} 1/);
  worker.child.kill('SIGTERM');
  expect(await worker.exited).toBe(0);
  expect(worker.out() + worker.err()).not.toContain(SECRET);
});

test('a wrong host is reported at once in /readyz and in the log', async () => {
  const elsewhere = net.createServer((socket) =>
    socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n'),
  );
  await once(elsewhere.listen(0, '127.0.0.1'), 'listening');
  closers.push(() => elsewhere.close());
  const { port } = elsewhere.address() as net.AddressInfo;
  const worker = await start({
    ...SHARED,
    REDIS_URL: inject('redisUrl'),
    GENESYS_BASE_URL: `http://127.0.0.1:${port}`,
  });
  const detail = async () =>
    readyz(worker.url)
      .then(({ genesys }) => genesys.tokenDetail)
      .catch(() => '');
  await expect
    .poll(detail)
    .toContain('404 from something in between (no JSON), not from the platform; check GENESYS_API,');
  expect(await status(`${worker.url}/readyz`)).toBe(200);
  await expect.poll(worker.out).toContain('404 from something in between');
});

test('without Redis it is alive but not ready, and becomes ready when Redis is up', async () => {
  const redis = await startOwnRedis();
  closers.push(() => redis.stop());
  await redis.kill();
  const worker = await start({ REDIS_URL: redis.url });
  await expect.poll(() => status(`${worker.url}/healthz`)).toBe(200);
  expect(await status(`${worker.url}/readyz`)).toBe(503);
  await redis.restart();
  await expect.poll(() => status(`${worker.url}/readyz`)).toBe(200);
  await expect.poll(worker.out).toContain('worker.ready');
  expect(worker.out().match(/redis\.(not-reached|lost)/g)).toEqual(['redis.not-reached']);
});

test('it exits with 0 although Redis was never up', async () => {
  const worker = await start({ REDIS_URL: 'redis://127.0.0.1:1' });
  await expect.poll(() => status(`${worker.url}/healthz`)).toBe(200);
  worker.child.kill('SIGTERM');
  expect(await worker.exited).toBe(0);
});

test('a wrong policy of queues is refused with the file and the field, on the Platform API only', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'handover-policy-'));
  closers.push(() => rmSync(dir, { recursive: true }));
  const file = join(dir, 'queues.json');
  writeFileSync(file, '{"default":{"maxWaiting":"many"}}');
  const env = { QUEUE_POLICY_FILE: file, REDIS_URL: 'redis://127.0.0.1:1' };
  const worker = await start({ ...env, GENESYS_API: 'platform' });
  expect(await worker.exited).toBe(1);
  expect(worker.err()).toContain(`QUEUE_POLICY_FILE ${file}: default.maxWaiting `);
  const other = await start({ ...env, GENESYS_API: 'voice' });
  await expect.poll(() => status(`${other.url}/healthz`)).toBe(200);
});

test('a volatile Redis is refused with a message', async () => {
  const redis = await startOwnRedis({ appendonly: false, extraArgs: ['--maxmemory-policy', 'allkeys-lru'] });
  closers.push(() => redis.stop());
  const worker = await start({ REDIS_URL: redis.url });
  expect(await worker.exited).toBe(1);
  expect(worker.err()).toMatch(/no append-only file.*allkeys-lru.*\n.*REDIS_ALLOW_VOLATILE=true/s);
});

test('an invalid configuration is one message that names every invalid variable', async () => {
  const wrong = {
    TRANSFER_CONCURRENCY: 'many',
    METRICS_PORT: '99999',
    SETTLE_WINDOW_MS: '5',
    GENESYS_CLIENT_ID: '',
  };
  const worker = await start(wrong);
  expect(await worker.exited).toBe(1);
  for (const name of Object.keys(wrong)) expect(worker.err()).toContain(name);
  expect(worker.out()).toBe('');
});

test('a port in use is reported, and no job was taken', async () => {
  const holder = net.createServer();
  await once(holder.listen(0, '127.0.0.1'), 'listening');
  closers.push(() => holder.close());
  const { port } = holder.address() as net.AddressInfo;
  const worker = await start({ ...SHARED, REDIS_URL: inject('redisUrl'), METRICS_PORT: String(port) });
  expect(await worker.exited).toBe(1);
  expect(worker.err()).toBe(`Port ${port} of 127.0.0.1 is in use: set METRICS_PORT to a free one.\n`);
});

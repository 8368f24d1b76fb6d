import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createSandbox, type Sandbox } from '@handover/sandbox';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startChild } from '../../scripts/child.mjs';
import { freePort } from '../../scripts/redis.mjs';
import { billingEnv } from '../support/billing.ts';
import { type OwnRedis, startOwnRedis } from '../support/own-redis.ts';

const root = resolve(import.meta.dirname, '../..');
const WITHIN = { timeout: 60_000, interval: 100 };
const PASSWORD = 'the-password';

let own: OwnRedis;
let admin: Redis;
const closers: (() => unknown)[] = [];
beforeAll(async () => {
  own = await startOwnRedis();
  admin = new Redis(own.url);
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
afterAll(async () => {
  admin.disconnect();
  await own.stop();
});

/** A built API and worker with billing, as this Redis user; resolves once both listen. */
async function startBoth(user: string) {
  const sandbox = createSandbox();
  closers.push(() => sandbox.close());
  sandbox.putUser('agent');
  sandbox.putQueue('support');
  const baseUrl = await sandbox.listen();
  const [apiPort, workerPort] = [await freePort(), await freePort()];
  const dir = mkdtempSync(join(tmpdir(), 'handover-limited-'));
  closers.push(() => rm(dir, { recursive: true, force: true }));
  const env = {
    PATH: process.env.PATH,
    REDIS_URL: own.url.replace('redis://', `redis://${user}:${PASSWORD}@`),
    GENESYS_BASE_URL: baseUrl,
    GENESYS_CLIENT_ID: 'test',
    GENESYS_CLIENT_SECRET: 'test-secret',
    PORT: String(apiPort),
    METRICS_PORT: String(workerPort),
    ...billingEnv(baseUrl, apiPort),
  };
  const start = (app: string) => {
    const logFile = join(dir, `${app}.log`);
    const child = startChild([process.execPath, join(root, 'apps', app, 'dist', 'main.js')], {
      logFile,
      env,
      cwd: root,
    });
    closers.push(() => child.stop());
    const lines = () => readFileSync(logFile, 'utf8');
    return { ...child, lines };
  };
  const [api, worker] = [
    { ...start('api'), url: `http://127.0.0.1:${apiPort}` },
    { ...start('worker'), url: `http://127.0.0.1:${workerPort}` },
  ];
  for (const { url } of [api, worker]) await expect.poll(() => statusOf(`${url}/healthz`), WITHIN).toBe(200);
  return { api, worker, sandbox };
}

const statusOf = (url: string) =>
  fetch(url, { signal: AbortSignal.timeout(3_000) }).then(
    ({ status }) => status,
    () => 0,
  );
const readyz = async (url: string) =>
  (await fetch(`${url}/readyz`)).json() as Promise<Record<string, unknown>>;
function submit(url: string, sandbox: Sandbox) {
  const callId = `call-${randomUUID()}`;
  sandbox.putCall(callId);
  return fetch(`${url}/api/transfers`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', prefer: 'wait=15' },
    body: JSON.stringify({
      callId,
      userId: 'agent',
      transferType: 'blind',
      target: { type: 'queue', id: 'support' },
    }),
  });
}

/** The line in docs/deployment.md, as arguments of ACL. */
function documentedUser(): string[] {
  const text = readFileSync(join(root, 'docs/deployment.md'), 'utf8');
  const line = /^ACL (SETUSER handover .*)$/m.exec(text)?.[1] ?? '';
  return line.split(' ');
}

test('the minimal documented user moves a call and bills it', async () => {
  await admin.acl(...(documentedUser() as ['SETUSER', string]));
  const { api, worker, sandbox } = await startBoth('handover');
  for (const { url } of [api, worker]) await expect.poll(() => statusOf(`${url}/readyz`), WITHIN).toBe(200);
  const answer = await submit(api.url, sandbox);
  expect(await answer.json()).toMatchObject({ status: 'transferred' });
  await expect.poll(() => sandbox.billing.entries().length, WITHIN).toBe(1);
  expect(await readyz(api.url)).toMatchObject({ durability: 'durable' });
  for (const { lines } of [api, worker])
    expect(lines()).not.toMatch(/NOPERM|can't run this|can't publish|queue\.error|job\.failed/);
});

test('without channels neither is ready, both log it once, and the grant makes them work', async () => {
  await admin.flushall();
  await admin.acl('SETUSER', 'app', 'reset', 'on', `>${PASSWORD}`, '~*', 'resetchannels', '+@all');
  const { api, worker, sandbox } = await startBoth('app');
  for (const { url } of [api, worker]) {
    await expect.poll(async () => (await readyz(url)).redis, WITHIN).toBe('refused');
    expect(await statusOf(`${url}/readyz`)).toBe(503);
    expect(await readyz(url)).toMatchObject({ redisDetail: expect.stringContaining('&{handover}:*') });
  }
  const refused = await submit(api.url, sandbox);
  expect(refused.status).toBe(503);
  expect(await refused.json()).toMatchObject({
    code: 'redis-unavailable',
    detail: expect.stringContaining('see the log'),
  });
  expect(await admin.keys('*:live:transfer:*')).toEqual([]);
  for (const { lines } of [api, worker]) {
    await expect.poll(lines, WITHIN).toContain('may not use the channels');
    expect(lines().match(/may not use the channels/g)).toHaveLength(1);
    expect(lines()).not.toContain(PASSWORD);
  }

  await admin.acl('SETUSER', 'app', '&{handover}:*');
  for (const { url } of [api, worker]) await expect.poll(() => statusOf(`${url}/readyz`), WITHIN).toBe(200);
  expect(await (await submit(api.url, sandbox)).json()).toMatchObject({ status: 'transferred' });

  // Revoked at run time: no job is taken, the worker neither spins nor exits, and resumes after the grant.
  await admin.acl('SETUSER', 'app', '-bzpopmin');
  await expect.poll(async () => (await readyz(worker.url)).redis, WITHIN).toBe('refused');
  expect(await statusOf(`${worker.url}/healthz`)).toBe(200);
  expect(worker.lines().match(/queue\.failed/g)?.length ?? 0).toBeLessThan(20);
  await admin.acl('SETUSER', 'app', '+bzpopmin');
  await expect.poll(() => statusOf(`${worker.url}/readyz`), WITHIN).toBe(200);
  expect(await (await submit(api.url, sandbox)).json()).toMatchObject({ status: 'transferred' });
  await admin.acl('SETUSER', 'app', '-publish');
  await expect.poll(async () => (await readyz(worker.url)).redis, WITHIN).toBe('refused');
  worker.kill('SIGTERM');
  expect(await worker.exited).toBe('ended with exit code 0');
});

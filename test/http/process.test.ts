import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { resolve } from 'node:path';
import { afterEach, expect, inject, test } from 'vitest';
import { startOwnRedis } from '../support/own-redis.ts';

const MAIN = resolve(import.meta.dirname, '../../apps/api/dist/main.js');
/** The Redis in `REDIS_URL` may be volatile; these tests do not depend on durability. */
const SHARED = { REDIS_ALLOW_VOLATILE: 'true' };
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Starts the built API with this environment and nothing else. */
function start(env: Record<string, string>) {
  const child: ChildProcess = spawn(process.execPath, [MAIN], {
    env: { GENESYS_BASE_URL: 'http://127.0.0.1:1', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'close').then(([code]) => code as number);
  closers.push(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  let out = '';
  let err = '';
  child.stderr?.on('data', (chunk) => {
    err += chunk;
  });
  const url = new Promise<string>((found) => {
    child.stdout?.on('data', (chunk) => {
      out += chunk;
      const match = /listening at (http:[^"]+)"/.exec(out);
      if (match?.[1] !== undefined) found(match[1]);
    });
  });
  return { child, exited, url, out: () => out, err: () => err };
}

test.each([
  ['apps/api', '--version', 0, /^\d+\.\d+\.\d+\n$/],
  ['apps/worker', '--help', 0, /HANDOVER_MODE=live[\s\S]+docs\/configuration\.md/],
  ['packages/sandbox', '--help', 0, /SANDBOX_PORT=4010/],
  ['packages/sandbox', '--version', 0, /^\d+\.\d+\.\d+\n$/],
  ['apps/api', '--port=1', 2, /takes no argument "--port=1", only --help or --version/],
  ['packages/sandbox', 'start', 1, /takes no argument "start", only --help or --version/],
])('%s %s', async (folder, option, code, words) => {
  const main = resolve(import.meta.dirname, '../..', folder, 'dist/main.js');
  const { exitCode, output } = await run([main, option]);
  expect(output).toMatch(words);
  expect(exitCode).toBe(code);
});

/** Runs Node without our variables, to its end. */
async function run(args: string[]): Promise<{ exitCode: number; output: string }> {
  const child = spawn(process.execPath, args, { env: {}, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk;
    });
  const [exitCode] = await once(child, 'close');
  return { exitCode, output };
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s closes it cleanly, with a client still connected',
  async (signal) => {
    const api = start({ ...SHARED, REDIS_URL: inject('redisUrl') });
    const { hostname, port } = new URL(await api.url);
    // It keeps its connection open until the API closes it.
    const client = net.connect(Number(port), hostname);
    closers.push(() => client.destroy());
    client.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n');
    const [bytes] = await once(client, 'data');
    expect(String(bytes)).toMatch(/^HTTP\/1\.1 200 /);
    const closed = once(client.resume(), 'close');
    api.child.kill(signal);
    await closed;
    expect(await api.exited).toBe(0);
    expect(api.err()).toBe('');
  },
);

test('it listens and closes cleanly without Redis', async () => {
  const api = start({ REDIS_URL: 'redis://127.0.0.1:1' });
  expect((await fetch(`${await api.url}/readyz`)).status).toBe(503);
  api.child.kill('SIGTERM');
  expect(await api.exited).toBe(0);
  expect(api.out().match(/redis\.not-reached/g)).toHaveLength(1);
});

test('reports a port in use', async () => {
  const other = net.createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  closers.push(() => other.close());
  const { port } = other.address() as net.AddressInfo;
  const api = start({ ...SHARED, REDIS_URL: inject('redisUrl'), PORT: String(port) });
  expect(await api.exited).toBe(1);
  expect(api.err()).toBe(
    `Port ${port} of 127.0.0.1 is in use by another program: set PORT to another one.\n`,
  );
});

test('reports an invalid configuration without secrets', async () => {
  const wrong = start({ PORT: 'x', LOG_LEVEL: 'loud' });
  expect(await wrong.exited).toBe(1);
  expect(wrong.err()).toMatch(/^The configuration is invalid:\n {2}PORT .*\n {2}LOG_LEVEL .*\n$/);
  const right = start({ ...SHARED, REDIS_URL: inject('redisUrl'), API_KEYS: 'crm=my-secret-key' });
  await right.url;
  expect(right.out()).not.toContain('my-secret-key');
});

test('refuses a volatile Redis with a message, unless allowed', async () => {
  const redis = await startOwnRedis({ appendonly: false });
  closers.push(redis.stop);
  const refused = start({ REDIS_URL: redis.url });
  expect(await refused.exited).toBe(1);
  expect(refused.err()).toMatch(
    /^Redis may lose accepted transfers: .*appendonly.*REDIS_ALLOW_VOLATILE=true\.\n$/,
  );
  const accepted = start({ REDIS_URL: redis.url, REDIS_ALLOW_VOLATILE: 'true' });
  const url = `${await accepted.url}/readyz`;
  await expect.poll(async () => (await fetch(url)).status).toBe(200);
  expect(await (await fetch(url)).json()).toMatchObject({ durability: 'volatile' });
  await expect.poll(accepted.out).toContain('REDIS_ALLOW_VOLATILE=true accepts this');
});

test('refuses a volatile Redis that becomes available later', async () => {
  const redis = await startOwnRedis({ appendonly: false });
  closers.push(redis.stop);
  await redis.kill();
  const api = start({ REDIS_URL: redis.url });
  await api.url;
  await redis.restart();
  expect(await api.exited).toBe(1);
  expect(api.err()).toContain('Redis may lose accepted transfers');
});

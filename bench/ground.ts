import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, startChild } from '../scripts/child.mjs';
import { freePort, startFoundRedis } from '../scripts/redis.mjs';
import { startFoundPostgres } from '../test/support/find-postgres.ts';
import { ask } from '../test/support/postgres-server.ts';

const root = resolve(import.meta.dirname, '..');
const READY_WITHIN_MS = 20_000;
/** For benchmarks that ask nothing of the platform: nobody listens there. */
const NO_PLATFORM = {
  GENESYS_BASE_URL: 'http://127.0.0.1:9',
  GENESYS_CLIENT_ID: 'bench',
  GENESYS_CLIENT_SECRET: 'bench',
};

export type Running = Child & { url: string };

export type Ground = Awaited<ReturnType<typeof prepareGround>>;

/**
 * What benchmarks stand on: a Redis of their own with an append-only file, as Handover demands it, a PostgreSQL where one
 * can be had, and processes. `close` ends all of it.
 */
export async function prepareGround() {
  const dir = await mkdtemp(join(tmpdir(), 'handover-bench-'));
  const redis = await startFoundRedis({ root, log: console.log, server: { dir: join(dir, 'redis') } });
  const postgres = await startFoundPostgres({ root, log: console.log }).catch(
    ({ message }: Error) => message,
  );
  const running: Child[] = [];
  let databases = 0;

  async function start(name: string, command: string[], env: Record<string, string>): Promise<Running> {
    const port = env.PORT ?? String(await freePort());
    const child = startChild(command, {
      logFile: join(dir, `${name}-${running.length}.log`),
      env: { PATH: process.env.PATH, REDIS_URL: redis.url, PORT: port, METRICS_PORT: port, ...env },
      cwd: root,
    });
    running.push(child);
    const started = { ...child, url: `http://127.0.0.1:${port}` };
    await untilReady(name, started);
    return started;
  }

  return {
    redisUrl: redis.url,
    /** Why there is no PostgreSQL, in words; `undefined` where there is one. */
    noPostgres: typeof postgres === 'string' ? postgres : undefined,

    /** An empty database; throws in words where there is no PostgreSQL. */
    async openDatabase(): Promise<string> {
      if (typeof postgres === 'string') throw new Error(postgres);
      databases += 1;
      const name = `handover_bench_${databases}`;
      await ask(postgres.url, `CREATE DATABASE ${name}`);
      return Object.assign(new URL(postgres.url), { pathname: `/${name}` }).href;
    },

    /** The API or a worker, as they are built for use, with this configuration besides Redis and a port. */
    startApp: (app: 'api' | 'worker', env: Record<string, string>) =>
      start(app, [process.execPath, join(root, 'apps', app, 'dist', 'main.js')], { ...NO_PLATFORM, ...env }),

    /** A program of this folder in a process of its own; it listens on `PORT` and answers `/readyz`. */
    startProgram: (file: string, env: Record<string, string>) =>
      start(file, [process.execPath, '--import', 'tsx', join(import.meta.dirname, file)], env),

    async close(): Promise<void> {
      await Promise.all(running.map((child) => child.stop(10_000)));
      await redis.stop();
      if (typeof postgres !== 'string') await postgres.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function untilReady(name: string, child: Running): Promise<void> {
  const giveUpAt = performance.now() + READY_WITHIN_MS;
  for (;;) {
    const answer = await fetch(`${child.url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    if (!child.isRunning() || performance.now() > giveUpAt)
      throw new Error(`${name} did not become ready. Its last lines:\n${child.lastLines()}`);
    await sleep(50);
  }
}

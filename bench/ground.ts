import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, startChild } from '../scripts/child.mjs';
import { freePort, type RedisServer, startFoundRedis } from '../scripts/redis.mjs';
import { startFoundPostgres } from '../test/support/find-postgres.ts';
import { ask, type Postgres } from '../test/support/postgres-server.ts';

const root = resolve(import.meta.dirname, '..');
const READY_WITHIN_MS = 20_000;
/** Defaults of a benchmark: nothing listens at that address, and a budget would dominate the measurement. */
const UNLESS_TOLD = {
  GENESYS_BASE_URL: 'http://127.0.0.1:9',
  GENESYS_CLIENT_ID: 'bench',
  GENESYS_CLIENT_SECRET: 'bench',
  GENESYS_REQUESTS_PER_MINUTE: '0',
};

/** The machine lacks a prerequisite of the benchmark; the message names it. */
export class LeftOut extends Error {}

export type Running = Child & { url: string };

export type Ground = Awaited<ReturnType<typeof prepareGround>>;

/**
 * The environment of one benchmark: its own Redis with an append-only file, as Handover requires, a PostgreSQL on
 * demand, and processes. `close` stops everything.
 */
export async function prepareGround() {
  const dir = await mkdtemp(join(tmpdir(), 'handover-bench-'));
  const removeDir = () => rm(dir, { recursive: true, force: true });
  const redis = await startFoundRedis({ root, log: console.log, server: { dir: join(dir, 'redis') } }).catch(
    async (error) => {
      await removeDir();
      throw error;
    },
  );
  const running: Child[] = [];
  const more: RedisServer[] = [];
  let postgres: Promise<Postgres> | undefined;

  async function start(
    name: string,
    command: string[],
    env: Record<string, string>,
    cwd = root,
  ): Promise<Running> {
    const port = env.PORT ?? String(await freePort());
    const child = startChild(command, {
      logFile: join(dir, `${name}-${running.length}.log`),
      env: { PATH: process.env.PATH, REDIS_URL: redis.url, PORT: port, METRICS_PORT: port, ...env },
      cwd,
    });
    running.push(child);
    const started = { ...child, url: `http://127.0.0.1:${port}` };
    await untilReady(name, started);
    return started;
  }

  return {
    redisUrl: redis.url,

    /** Another Redis, also with an append-only file. */
    async startRedis(extraArgs: string[] = []): Promise<RedisServer> {
      const server = { dir: join(dir, `redis-${more.length}`), extraArgs };
      const started = await startFoundRedis({ root, log: () => undefined, server });
      more.push(started);
      return started;
    },

    /** An empty database; throws `LeftOut` without a PostgreSQL. */
    async openDatabase(name: string): Promise<string> {
      postgres ??= startFoundPostgres({ root, log: console.log });
      const { url } = await postgres.catch(({ message }: Error) => {
        throw new LeftOut(message);
      });
      await ask(url, `CREATE DATABASE ${name}`);
      return Object.assign(new URL(url), { pathname: `/${name}` }).href;
    },

    /**
     * The built API or worker with this configuration, Redis and a port added; from this checkout,
     * or from the one in `folder`.
     */
    startApp: (app: 'api' | 'worker', env: Record<string, string>, folder = root) =>
      start(
        app,
        [process.execPath, join(folder, 'apps', app, 'dist', 'main.js')],
        { ...UNLESS_TOLD, ...env },
        folder,
      ),

    /** A program of this folder in its own process; it listens on `PORT` and answers `/readyz`. */
    startProgram: (file: string, env: Record<string, string>) =>
      start(file, [process.execPath, '--import', 'tsx', join(import.meta.dirname, file)], env),

    async close(): Promise<void> {
      await Promise.all(running.map((child) => child.stop(10_000)));
      await Promise.all([redis, ...more].map((server) => server.stop()));
      const started = await postgres?.catch(() => undefined);
      await started?.stop();
      await removeDir();
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

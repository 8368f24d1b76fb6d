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
/** What a benchmark does not say for itself: nobody listens at that address, and the budget would be all that is measured. */
const UNLESS_TOLD = {
  GENESYS_BASE_URL: 'http://127.0.0.1:9',
  GENESYS_CLIENT_ID: 'bench',
  GENESYS_CLIENT_SECRET: 'bench',
  GENESYS_REQUESTS_PER_MINUTE: '0',
};

/** This machine lacks what a benchmark needs, and why. */
export class LeftOut extends Error {}

export type Running = Child & { url: string };

export type Ground = Awaited<ReturnType<typeof prepareGround>>;

/**
 * What one benchmark stands on: a Redis of its own with an append-only file, as Handover demands it, a PostgreSQL when it
 * is asked for, and processes. `close` ends all of it.
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

    /** One more Redis, with an append-only file too. */
    async startRedis(extraArgs: string[] = []): Promise<RedisServer> {
      const server = { dir: join(dir, `redis-${more.length}`), extraArgs };
      const started = await startFoundRedis({ root, log: () => undefined, server });
      more.push(started);
      return started;
    },

    /** An empty database; throws `LeftOut` where no PostgreSQL can be had. */
    async openDatabase(name: string): Promise<string> {
      postgres ??= startFoundPostgres({ root, log: console.log });
      const { url } = await postgres.catch(({ message }: Error) => {
        throw new LeftOut(message);
      });
      await ask(url, `CREATE DATABASE ${name}`);
      return Object.assign(new URL(url), { pathname: `/${name}` }).href;
    },

    /**
     * The API or a worker, as they are built for use, with this configuration besides Redis and a port; of this checkout,
     * or of the one in `folder`.
     */
    startApp: (app: 'api' | 'worker', env: Record<string, string>, folder = root) =>
      start(
        app,
        [process.execPath, join(folder, 'apps', app, 'dist', 'main.js')],
        { ...UNLESS_TOLD, ...env },
        folder,
      ),

    /** A program of this folder in a process of its own; it listens on `PORT` and answers `/readyz`. */
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

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type RedisServer, startFoundRedis, startRedisServer } from '../../scripts/redis.mjs';

/** A Redis server that belongs to one test, which may kill it and start it again on the same port and data. */
export interface OwnRedis {
  readonly url: string;
  readonly port: number;
  /** Of the current process: it changes with `restart`. */
  readonly pid: number;
  /** Its data directory. */
  readonly dir: string;
  /** The program, also used to start a Sentinel. */
  readonly program: RedisServer['program'];
  /** Kills it like a crash (SIGKILL); data not in the append-only file is lost. */
  kill(): Promise<void>;
  /** Restarts it on the same port and data, with an orderly stop if it still runs; resolves when it answers. */
  restart(): Promise<void>;
  /** The same on another data directory, which is not deleted on stop; `appendonly` by default. */
  restartOn(data: { dir: string; appendonly?: boolean }): Promise<void>;
  /** Stops it and deletes its data. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts the test's own Redis server, found as for every test, but without `REDIS_URL` and containers,
 * which cannot be killed and restarted at will.
 * @throws {Error} without a server program.
 */
export async function startOwnRedis(
  options: { appendonly?: boolean; port?: number; extraArgs?: readonly string[] } = {},
): Promise<OwnRedis> {
  const root = resolve(import.meta.dirname, '../..');
  const dir = await mkdtemp(join(tmpdir(), 'handover-own-redis-'));
  const settings = { ...options, dir };
  let server: RedisServer;
  try {
    server = await startFoundRedis({ root, log: console.log, server: settings });
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw new Error('A test wants a Redis server of its own, to kill and restart it.', { cause: error });
  }
  const port = server.port;
  return {
    url: server.url,
    port,
    dir,
    get pid() {
      return server.pid;
    },
    get program() {
      return server.program;
    },
    async kill() {
      server.kill('SIGKILL');
      await server.exited;
    },
    async restart() {
      await server.stop();
      server = await startRedisServer(server.program, { ...settings, port });
    },
    async restartOn(data) {
      await server.stop();
      server = await startRedisServer(server.program, { ...settings, ...data, port });
    },
    async stop() {
      await server.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

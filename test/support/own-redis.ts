import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type RedisServer, startFoundRedis, startRedisServer } from '../../scripts/redis.mjs';

/** A Redis server that belongs to one test, which may kill it and start it again on the same port and data. */
export interface OwnRedis {
  readonly url: string;
  readonly port: number;
  /** Of the process that runs now: it changes with `restart`. */
  readonly pid: number;
  /** Where it keeps its data. */
  readonly dir: string;
  /** The program, to start a Sentinel of. */
  readonly program: RedisServer['program'];
  /** Ends it at once, as a crash would (SIGKILL); what it did not write to its append-only file is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data, ending it properly first if it still runs; resolves when it answers. */
  restart(): Promise<void>;
  /** The same on the data of another directory, which is not deleted when it stops; `appendonly` unless told otherwise. */
  restartOn(data: { dir: string; appendonly?: boolean }): Promise<void>;
  /** Ends it and deletes its data. May be called again. */
  stop(): Promise<void>;
}

/**
 * Starts a Redis server of the test's own, found as for every test but without `REDIS_URL` and containers,
 * since neither can be killed and restarted at will.
 * @throws {Error} in words, where no server program can be had.
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

import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chown, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client, DatabaseError } from 'pg';
import { type Child, startChild } from '../../scripts/child.mjs';
import { freePort } from './ports.ts';

const run = promisify(execFile);
const READY_WITHIN_MS = 60_000;
const FREE_WITHIN_MS = 10_000;

/** A running PostgreSQL. */
export interface Postgres {
  /** For a user who may create databases. */
  readonly url: string;
  /** A description of its origin. */
  readonly how: string;
  /** Stops what was started, and deletes its data, but not a server that was running before. Idempotent. */
  stop(): Promise<void>;
}

/** The programs of a server, which run on this machine. */
export interface PostgresPrograms {
  /** The folder of `postgres` and `initdb`. */
  readonly bin: string;
  readonly how: string;
  readonly libraryPath?: string;
  /** Contains all dependencies and can be copied; undefined if installed on the machine. */
  readonly files?: string;
}

/** A server on 127.0.0.1 with its own data, which may be killed and restarted. */
export interface PostgresServer extends Postgres {
  readonly port: number;
  /** Of the current process: it changes with `restart`. */
  readonly pid: number;
  /** Kills it like a crash (SIGKILL); committed data stays. */
  kill(): Promise<void>;
  /** Restarts it on the same port and data, stopping it first if it still runs; resolves when it answers. */
  restart(): Promise<void>;
}

/** The user of the programs; undefined for the current one. */
type User = { readonly uid: number; readonly gid: number } | undefined;

interface Place {
  readonly programs: PostgresPrograms;
  readonly user: User;
  readonly dir: string;
  readonly password: string;
}

// Nothing needs to survive a crash of the machine, so fsync is off. Shared memory by files
// of the data folder goes with it; GMT is the one time zone known on a machine without time zone data.
const SETTINGS =
  `fsync=off full_page_writes=off jit=off dynamic_shared_memory_type=mmap timezone=GMT log_timezone=GMT
  listen_addresses=127.0.0.1 unix_socket_directories= logging_collector=off log_destination=stderr`.split(
    /\s+/,
  );

// Code for the just-in-time compiler, and messages in other languages: most of the package, and a second to copy.
const UNUSED = /\/(bitcode|locale)$/;

/**
 * Starts a PostgreSQL server with a new data folder on a free port, and waits until it answers. It stops with this
 * process, however that ends.
 * @throws {Error} with its last lines, if it does not start.
 */
export async function startPostgresServer(found: PostgresPrograms): Promise<PostgresServer> {
  const user = await serverUser();
  const dir = await folderOf(user);
  const remove = () => rm(dir, { recursive: true, force: true, maxRetries: 10 });
  try {
    const programs = await withinReach(found, user, dir);
    const place = { programs, user, dir, password: randomUUID() };
    await createCluster(place);
    let { child, port } = await launch(place, freePort);
    const urlOf = (database: string) => `postgres://handover:${place.password}@127.0.0.1:${port}/${database}`;
    await ask(urlOf('postgres'), 'CREATE DATABASE handover').catch(async (error) => {
      await child.stop();
      throw error;
    });

    const restart = async () => {
      await child.stop();
      ({ child } = await launch(place, async () => port));
    };
    let stopped = false;
    return {
      url: urlOf('handover'),
      how: `${found.how}, port ${port}`,
      port,
      get pid() {
        return child.pid;
      },
      async kill() {
        child.kill('SIGKILL');
        await child.exited;
      },
      restart,
      async stop() {
        try {
          // The next server removes what a killed one leaves in shared memory.
          if (!stopped && !child.isRunning()) await restart();
        } finally {
          stopped = true;
          await child.stop();
          await remove();
        }
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/**
 * Runs one statement on a new connection and returns the rows.
 * @throws {Error} if the server does not answer within 5 s, or refuses.
 */
export async function ask(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 30_000 });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

/**
 * The user for a server: PostgreSQL refuses to run as root.
 * @throws {Error} if there is no other user.
 */
export async function serverUser(): Promise<User> {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = async (kind: '-u' | '-g') => Number((await run('id', [kind, 'nobody'])).stdout);
  return { uid: await idOf('-u'), gid: await idOf('-g') };
}

/**
 * Runs a program as the user until it exits.
 * @throws {Error} with its output as `stderr`, if it fails.
 */
export async function runProgram(
  name: 'postgres' | 'initdb',
  args: readonly string[],
  { programs, user, cwd = '/' }: { programs: PostgresPrograms; user: User; cwd?: string },
): Promise<void> {
  const options = { ...user, cwd, env: environment(programs), timeout: READY_WITHIN_MS };
  await run(join(programs.bin, name), args, options);
}

/** A folder for the server; the user may be unable to enter root's temporary folder. */
async function folderOf(user: User): Promise<string> {
  const name = 'handover-test-postgres-';
  if (!user) return mkdtemp(join(tmpdir(), name));
  const isOpen = await run('test', ['-x', tmpdir()], { ...user, cwd: '/' }).then(
    () => true,
    () => false,
  );
  const dir = await mkdtemp(join(isOpen ? tmpdir() : '/tmp', name));
  await chown(dir, user.uid, user.gid);
  return dir;
}

/** The programs, or a copy in `dir` if the user cannot enter their folder. */
async function withinReach(programs: PostgresPrograms, user: User, dir: string): Promise<PostgresPrograms> {
  const { files, bin, libraryPath = '' } = programs;
  if (files === undefined) return programs;
  try {
    await runProgram('postgres', ['--version'], { programs, user });
    return programs;
  } catch {
    const copy = join(dir, 'programs');
    const filter = (path: string) => !UNUSED.test(path);
    await cp(files, copy, { recursive: true, verbatimSymlinks: true, filter });
    const moved = (path: string) => path.replaceAll(files, copy);
    return { ...programs, files: copy, bin: moved(bin), libraryPath: moved(libraryPath) };
  }
}

async function createCluster({ programs, user, dir, password }: Place): Promise<void> {
  const passwordFile = join(dir, 'password');
  await writeFile(passwordFile, password);
  if (user) await chown(passwordFile, user.uid, user.gid);
  const access = ['--username=handover', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  const args = [`--pgdata=${join(dir, 'data')}`, ...access, '--encoding=UTF8', '--locale=C', '--no-sync'];
  try {
    await runProgram('initdb', args, { programs, user, cwd: dir });
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new Error(`${join(programs.bin, 'initdb')} failed: ${(stderr || message).trim()}`);
  }
}

async function launch(
  place: Place,
  choosePort: () => Promise<number>,
): Promise<{ child: Child; port: number }> {
  const { programs, user, dir, password } = place;
  const server = join(programs.bin, 'postgres');
  const settings = SETTINGS.flatMap((setting) => ['-c', setting]);
  const giveUpAt = Date.now() + FREE_WITHIN_MS;
  for (;;) {
    const port = await choosePort();
    const child = startChild([server, '-D', join(dir, 'data'), '-p', String(port), ...settings], {
      logFile: join(dir, 'postgres.log'),
      env: environment(programs),
      cwd: dir,
      user,
      // On SIGTERM, PostgreSQL waits until all clients have disconnected.
      stopSignal: 'SIGQUIT',
    });
    const url = `postgres://handover:${password}@127.0.0.1:${port}/postgres`;
    const problem = await Promise.race([untilAnswer(url, child), child.exited]);
    if (problem === undefined && child.isRunning()) return { child, port };
    await child.stop();
    const lines = child.lastLines();
    // Another process took the port, or the killed server is still exiting.
    if (!/in use/i.test(lines) || Date.now() > giveUpAt)
      throw new Error(`${server} ${problem ?? 'ended'}. Its last lines:\n${lines}`);
    await sleep(50);
  }
}

/** Resolves when it answers, or with the reason once it no longer can. */
async function untilAnswer(url: string, child: Child): Promise<string | undefined> {
  const giveUpAt = Date.now() + READY_WITHIN_MS;
  for (;;) {
    try {
      await ask(url, 'SELECT 1');
      return undefined;
    } catch (error) {
      const comesYet = error instanceof DatabaseError ? error.code === '57P03' : child.isRunning();
      if (!comesYet || Date.now() > giveUpAt) return `did not answer: ${(error as Error).message}`;
      await sleep(20);
    }
  }
}

function environment({ libraryPath }: PostgresPrograms): NodeJS.ProcessEnv {
  const env = { ...process.env, LC_ALL: 'C' };
  return libraryPath ? { ...env, LD_LIBRARY_PATH: libraryPath } : env;
}

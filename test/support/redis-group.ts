import { appendFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { vi } from 'vitest';
import { type Child, startChild } from '../../scripts/child.mjs';
import { root } from './image.ts';
import { startOwnRedis } from './own-redis.ts';
import { PATIENCE_MS } from './patience.ts';
import { freePort } from './ports.ts';
import { askNode } from './redis-nodes.ts';

const NAME = 'handover';
const PATIENTLY = { timeout: PATIENCE_MS, interval: 50 };

/** One of the six, started by the shipped script on its own port and folder. */
export type Member = {
  readonly name: string;
  readonly port: number;
  start(): void;
  /** Kills it like a crash. */
  kill(): Promise<void>;
  /** Its disk is lost. */
  wipe(): Promise<void>;
  /** Waits until the script has logged this. */
  says(words: string): Promise<void>;
  ask(...command: [string, ...string[]]): Promise<unknown>;
};

/**
 * Three Redis and three Sentinels from `deploy/redis`, started as in a container, on this machine under the
 * name `localhost`. Nothing runs until started.
 */
export async function prepareRedisGroup(password: string) {
  const folder = await mkdtemp(join(tmpdir(), 'handover-redis-group-'));
  const shipped = join(folder, 'shipped');
  const bin = join(folder, 'bin');
  await Promise.all([mkdir(shipped), mkdir(bin)]);
  for (const file of ['start.sh', 'redis.conf', 'sentinel.conf'])
    await copyFile(join(root, 'deploy/redis', file), join(shipped, file));
  for (const file of ['redis.conf', 'sentinel.conf'])
    appendFileSync(join(shipped, file), '\nbind 127.0.0.1 -::1\n');

  // Only to locate the programs.
  const found = await startOwnRedis();
  await found.stop();
  const { path, libraryPath } = found.program;
  await symlink(path, join(bin, 'redis-server'));
  await symlink(join(dirname(path), path.replace(/.*\/(\w+)-server$/, '$1-cli')), join(bin, 'redis-cli'));

  const ports = await Promise.all(Array.from({ length: 6 }, freePort));
  const names = ports.map((port) => `localhost:${port}`);
  const env = {
    PATH: `${bin}:${process.env.PATH}`,
    LC_ALL: 'C',
    ...(libraryPath === undefined ? {} : { LD_LIBRARY_PATH: libraryPath }),
    REDISES: names.slice(0, 3).join(' '),
    SENTINELS: names.slice(3).join(' '),
    REDIS_PASSWORD: password,
  };
  const children: Child[] = [];

  async function member(kind: 'redis' | 'sentinel', index: number): Promise<Member> {
    const port = ports[index] ?? 0;
    const data = join(folder, names[index] ?? '');
    const logFile = `${data}.log`;
    await mkdir(data);
    let child: Child | undefined;
    return {
      name: names[index] ?? '',
      port,
      start() {
        const itsOwn = { SELF: names[index], DATA: data };
        child = startChild(['sh', join(shipped, 'start.sh'), kind], { logFile, env: { ...env, ...itsOwn } });
        children.push(child);
      },
      async kill() {
        child?.kill('SIGKILL');
        await child?.exited;
      },
      async wipe() {
        await rm(data, { recursive: true });
        await mkdir(data);
      },
      async says(words) {
        await vi.waitUntil(() => child?.lastLines().includes(words), PATIENTLY);
      },
      ask: (...command) => askNode(port, command, kind === 'redis' ? password : undefined),
    };
  }

  const members = await Promise.all(names.map((_, index) => member(index < 3 ? 'redis' : 'sentinel', index)));
  const redises = members.slice(0, 3);
  const sentinels = members.slice(3);

  /** The name of the primary that a Redis follows closely; itself if it is the primary. */
  async function followedBy(redis: Member): Promise<string | undefined> {
    const told = String(await redis.ask('INFO', 'replication'));
    const value = (field: string) => new RegExp(`^${field}:(.*)\r$`, 'm').exec(told)?.[1];
    if (value('role') === 'master') return redis.name;
    return value('master_link_status') === 'up'
      ? `${value('master_host')}:${value('master_port')}`
      : undefined;
  }

  async function namedBy(sentinel: Member): Promise<string | undefined> {
    const address = await sentinel.ask('SENTINEL', 'get-master-addr-by-name', NAME);
    return Array.isArray(address) ? address.join(':') : undefined;
  }

  /** Whether a Sentinel knows the other two and reaches two replicas. */
  async function knowsAll(sentinel: Member): Promise<boolean> {
    const others = await sentinel.ask('SENTINEL', 'sentinels', NAME);
    const replicas = await sentinel.ask('SENTINEL', 'replicas', NAME);
    if (!Array.isArray(others) || !Array.isArray(replicas)) return false;
    const reached = replicas.filter((fields: string[]) => fields[fields.indexOf('flags') + 1] === 'slave');
    return others.length === 2 && reached.length === 2;
  }

  async function mayBeChosen(redis: Member): Promise<boolean> {
    const [, priority] = ((await redis.ask('CONFIG', 'GET', 'replica-priority')) ?? []) as string[];
    return priority === '100';
  }

  /** The primary, once these Redis and all Sentinels agree on it. */
  async function primary(of: readonly Member[] = redises): Promise<Member> {
    return vi.waitUntil(async () => {
      const words = await Promise.all([...of.map(followedBy), ...sentinels.map(namedBy)]);
      return new Set(words).size === 1 && of.find(({ name }) => name === words[0]);
    }, PATIENTLY);
  }

  return {
    redises,
    sentinels,
    namedBy,
    primary,
    /** The primary, once the whole group is healthy: any replica could replace it. */
    async whole(): Promise<Member> {
      const found = await primary();
      await vi.waitUntil(async () => {
        const well = await Promise.all([...sentinels.map(knowsAll), ...redises.map(mayBeChosen)]);
        return well.every(Boolean);
      }, PATIENTLY);
      return found;
    },
    /** The environment of a service that uses this group. */
    env: {
      REDIS_URL: `redis://:${encodeURIComponent(password)}@localhost:1`,
      REDIS_SENTINELS: names.slice(3).join(','),
      REDIS_SENTINEL_MASTER: NAME,
    },
    async stop(): Promise<void> {
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(children.map(({ exited }) => exited));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OwnRedis, startOwnRedis } from './own-redis.ts';
import { freePort } from './ports.ts';
import { askNode, untilFound } from './redis-nodes.ts';
import { startRedisProxy } from './redis-proxy.ts';

const MASTER = 'ours';
const PASSWORD = 'of-the-sentinels';
/** A typical setting for a fast failover. */
const DOWN_AFTER_MS = 1_500;

type Door = Awaited<ReturnType<typeof startRedisProxy>>;

/**
 * The test's own primary, replicas and three Sentinels. Resolves once every replica follows.
 * With `canBeCut` each node is reached through a proxy, by clients, by Sentinels and by each other.
 */
export async function startSentinels(replicas: number, { canBeCut = false } = {}) {
  const nodes: OwnRedis[] = [];
  const doors: Door[] = [];
  const ports: number[] = [];
  const ask = (port: number, ...command: [string, ...string[]]) => askNode(port, command);
  const askSentinel = (...command: [string, ...string[]]) => askNode(ports[0] ?? 0, command, PASSWORD);
  const portOf = (index: number) => doors[index]?.port ?? nodes[index]?.port ?? 0;

  async function startNode(index: number): Promise<void> {
    const port = await freePort();
    if (canBeCut) doors.push(await startRedisProxy(port));
    const announced = [
      '--replica-announce-ip',
      '127.0.0.1',
      '--replica-announce-port',
      `${doors[index]?.port ?? port}`,
    ];
    const follows = index === 0 ? [] : ['--replicaof', '127.0.0.1', String(portOf(0))];
    // The Sentinels would lose half a minute on an isolated one, so it has a low priority.
    const isCutOff = canBeCut && index === 1;
    const priority = ['--replica-priority', isCutOff ? '200' : '100'];
    const extraArgs = [...announced, ...follows, ...priority, '--repl-diskless-sync-delay', '0'];
    const node = await startOwnRedis({ port, extraArgs });
    nodes.push(node);
    if (index === 0) return;
    // One by one, so that the primary can distinguish them.
    await untilFound('a replica that follows', async () => {
      const info = String(await ask(node.port, 'INFO', 'replication'));
      return info.includes('master_link_status:up') ? true : undefined;
    });
  }

  for (let index = 0; index <= replicas; index += 1) await startNode(index);
  const [first] = nodes as [OwnRedis, ...OwnRedis[]];
  const dir = await mkdtemp(join(tmpdir(), 'handover-sentinels-'));
  const { path, libraryPath } = first.program;
  const env = { ...process.env, LC_ALL: 'C', ...(libraryPath ? { LD_LIBRARY_PATH: libraryPath } : {}) };
  const processes: ChildProcess[] = [];
  for (let index = 0; index < 3; index += 1) {
    const port = await freePort();
    const conf = join(dir, `${port}.conf`);
    const lines = [
      ...['bind 127.0.0.1', `port ${port}`, `dir ${dir}`, `requirepass ${PASSWORD}`],
      `sentinel monitor ${MASTER} 127.0.0.1 ${portOf(0)} 2`,
      `sentinel down-after-milliseconds ${MASTER} ${DOWN_AFTER_MS}`,
      `sentinel failover-timeout ${MASTER} 10000`,
      `sentinel parallel-syncs ${MASTER} 2`,
    ];
    await writeFile(conf, `${lines.join('\n')}\n`);
    processes.push(spawn(path, [conf, '--sentinel'], { env, stdio: 'ignore', cwd: dir }));
    ports.push(port);
  }

  /** The current primary according to the Sentinels. */
  async function primary(): Promise<OwnRedis> {
    return untilFound('a primary', async () => {
      const found = await askSentinel('SENTINEL', 'get-master-addr-by-name', MASTER);
      const [, port] = (found ?? []) as string[];
      return nodes.find((_, index) => portOf(index) === Number(port));
    });
  }

  /** Waits until that many replicas follow the primary closely, and all three Sentinels know each other. */
  async function whole(count = replicas): Promise<void> {
    await untilFound(`${count} replicas that follow`, async () => {
      const info = String((await ask((await primary()).port, 'INFO', 'replication')) ?? '');
      const following = info.match(/state=online,offset=\d+,lag=[0-3]\b/g)?.length ?? 0;
      const known = (await askSentinel('SENTINEL', 'sentinels', MASTER)) as unknown[] | undefined;
      return following >= count && known?.length === 2 ? true : undefined;
    });
  }

  /**
   * Isolates the primary, its first replica and their current clients until the returned function is called.
   * Only with `canBeCut`.
   */
  async function cut(): Promise<() => void> {
    const clients = String(await ask(first.port, 'CLIENT', 'LIST'))
      .trim()
      .split('\n');
    const sourceOf = (line: string) => Number(/ addr=[^ ]*:(\d+)/.exec(line)?.[1]);
    const sentinels = clients.filter((line) => / name=sentinel-/.test(line)).map(sourceOf);
    // A replica first announces its port.
    const isOtherReplica = (head: string) =>
      head.includes('listening-port') && !head.includes(`\r\n${portOf(1)}\r\n`);
    doors[0]?.shut((port, head) => sentinels.includes(port) || isOtherReplica(head));
    doors[1]?.shut(() => true);
    return () => {
      for (const door of doors) door.open();
    };
  }

  async function stop(): Promise<void> {
    await Promise.all(doors.map((door) => door.close()));
    for (const sentinel of processes) sentinel.kill('SIGKILL');
    await Promise.all(nodes.map((node) => node.stop()));
    await rm(dir, { recursive: true, force: true });
  }

  try {
    await whole();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    env: {
      REDIS_URL: 'redis://127.0.0.1:1',
      REDIS_SENTINELS: ports.map((port) => `127.0.0.1:${port}`).join(','),
      REDIS_SENTINEL_MASTER: MASTER,
      REDIS_SENTINEL_PASSWORD: PASSWORD,
    },
    nodes,
    primary,
    cut,
    whole,
    /** Resolves once another node than this one is the primary. */
    async failedOver(from: OwnRedis): Promise<OwnRedis> {
      return untilFound('another primary', async () => {
        const now = await primary();
        return now === from ? undefined : now;
      });
    },
    stop,
  };
}

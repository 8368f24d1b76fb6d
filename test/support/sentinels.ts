import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OwnRedis, startOwnRedis } from './own-redis.ts';
import { freePort } from './ports.ts';
import { askNode, untilFound } from './redis-nodes.ts';

const MASTER = 'ours';
/** As operations set it who want a failover soon. */
const DOWN_AFTER_MS = 1_500;

/** A primary, replicas and three Sentinels that watch them, all of the test's own. Resolves once every replica follows. */
export async function startSentinels(replicas: number) {
  const first = await startOwnRedis();
  const nodes: OwnRedis[] = [first];
  const extraArgs = ['--replicaof', `127.0.0.1 ${first.port}`, '--repl-diskless-sync-delay', '0'];
  for (let index = 0; index < replicas; index += 1) nodes.push(await startOwnRedis({ extraArgs }));
  const dir = await mkdtemp(join(tmpdir(), 'handover-sentinels-'));
  const { path, libraryPath } = first.program;
  const env = { ...process.env, LC_ALL: 'C', ...(libraryPath ? { LD_LIBRARY_PATH: libraryPath } : {}) };
  const ports: number[] = [];
  const processes: ChildProcess[] = [];
  for (let index = 0; index < 3; index += 1) {
    const port = await freePort();
    const conf = join(dir, `${port}.conf`);
    const lines = [
      ...['bind 127.0.0.1', `port ${port}`, `dir ${dir}`],
      `sentinel monitor ${MASTER} 127.0.0.1 ${first.port} 2`,
      `sentinel down-after-milliseconds ${MASTER} ${DOWN_AFTER_MS}`,
      `sentinel failover-timeout ${MASTER} 10000`,
      `sentinel parallel-syncs ${MASTER} 2`,
    ];
    await writeFile(conf, `${lines.join('\n')}\n`);
    processes.push(spawn(path, [conf, '--sentinel'], { env, stdio: 'ignore', cwd: dir }));
    ports.push(port);
  }

  const ask = (port: number, ...command: [string, ...string[]]) => askNode(port, command);

  /** The node that the Sentinels call the primary now. */
  async function primary(): Promise<OwnRedis> {
    return untilFound('a primary', async () => {
      const [, port] = ((await ask(ports[0] ?? 0, 'SENTINEL', 'get-master-addr-by-name', MASTER)) ??
        []) as string[];
      return nodes.find((node) => node.port === Number(port));
    });
  }

  /** Waits until that many replicas follow the primary closely, and all three Sentinels know each other. */
  async function whole(count = replicas): Promise<void> {
    await untilFound(`${count} replicas that follow`, async () => {
      const info = String((await ask((await primary()).port, 'INFO', 'replication')) ?? '');
      const following = info.match(/state=online,offset=\d+,lag=[0-3]\b/g)?.length ?? 0;
      const known = (await ask(ports[0] ?? 0, 'SENTINEL', 'sentinels', MASTER)) as unknown[] | undefined;
      return following >= count && known?.length === 2 ? true : undefined;
    });
  }

  async function stop(): Promise<void> {
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
    },
    nodes,
    primary,
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

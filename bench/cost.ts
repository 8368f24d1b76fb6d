import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Sandbox } from '@handover/sandbox';
import { Redis } from 'ioredis';
import type { Ground, Running } from './ground.ts';
import {
  move,
  newCalls,
  openPlatform,
  postAll,
  transferOf,
  transfersOf,
  untilCount,
  untilMoved,
} from './load.ts';
import type { Row } from './table.ts';

const TRANSFERS = 1_000;
const KEPT = 4_000;
const PREFIX = '{bench-cost}';
const MOST_IDLE_MB = 90;
const SETTLED_AFTER_MS = 20_000;
const SETTLED_WITHIN_MS = 60_000;

const run = promisify(execFile);

/** The cost of a transfer: commands and memory of Redis compared with a bare BullMQ job, and memory of the processes. */
export async function benchCost(ground: Ground): Promise<Row[]> {
  const { sandbox, url } = await openPlatform();
  const env = { QUEUE_PREFIX: PREFIX, GENESYS_BASE_URL: url };
  const redis = new Redis(ground.redisUrl).on('error', () => {});
  const api = await ground.startApp('api', env);
  const bareRoute = await ground.startProgram('bare-route.ts', env);
  const bareUrl = `${bareRoute.url}/events`;

  const waiting = newCalls(sandbox, KEPT);
  const bodies = waiting.map((callId) => transferOf(callId));
  const size = async () => Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
  const grown = async (work: () => Promise<unknown>) => {
    const before = await size();
    await work();
    return ((await size()) - before) / KEPT;
  };
  const oursWaiting = await grown(() => postAll(transfersOf(api), bodies, 202));
  const bareWaiting = await grown(() => postAll(bareUrl, bodies, 200));

  const moved = untilMoved(sandbox, waiting);
  let worker: Running | undefined;
  const oursFinished = await grown(async () => {
    worker = await ground.startApp('worker', env);
    await moved;
    await untilCount(KEPT, () => redis.zcard(`${PREFIX}:transfers:completed`));
  });
  const bareDone = () => redis.zcard(`${PREFIX}:bare:completed`);
  const bareFinished = await grown(async () => {
    await ground.startProgram('bare-worker.ts', env);
    await untilCount(KEPT, bareDone);
  });
  if (worker === undefined) throw new Error('no worker was started');

  const bareWork = async () => {
    const wanted = (await bareDone()) + TRANSFERS;
    await postAll(bareUrl, bodies.slice(0, TRANSFERS), 200);
    await untilCount(wanted, bareDone);
  };
  const ourWork = () => move(sandbox, transfersOf(api), TRANSFERS);
  const commands = await commandsOf(redis, TRANSFERS, ourWork);
  const bareCommands = await commandsOf(redis, TRANSFERS, bareWork);
  const besideWhat = 'a bare BullMQ job';
  const rows: Row[] = [
    once('Redis round trips per transfer', 'round trips', commands.sent, bareCommands.sent, besideWhat),
    once(
      'Redis commands per transfer, including scripts',
      'commands',
      commands.all,
      bareCommands.all,
      besideWhat,
    ),
    once('Redis memory per waiting transfer', 'bytes', oursWaiting, bareWaiting, besideWhat),
    once(
      'Redis memory per finished transfer, with its job',
      'bytes',
      oursWaiting + oursFinished,
      bareWaiting + bareFinished,
      besideWhat,
    ),
    ...(await memoryRows(ground, sandbox, env)),
  ];
  redis.disconnect();
  await sandbox.close();
  return rows;
}

function once(what: string, unit: string, ours: number, beside: number, besideWhat: string): Row {
  return { what, unit, ours, beside, ratio: ours / beside, rounds: [{ ours, beside }], besideWhat };
}

/** Commands per item sent by clients, and including those in scripts; minus the idle traffic of an equally long pause. */
async function commandsOf(redis: Redis, count: number, work: () => Promise<unknown>) {
  const monitor = await redis.monitor();
  const seen = { sent: 0, all: 0 };
  monitor.on('monitor', (_time: string, _command: string[], source: string) => {
    seen.all += 1;
    if (source !== 'lua') seen.sent += 1;
  });
  const from = performance.now();
  await work();
  const ms = performance.now() - from;
  const busy = { ...seen };
  await sleep(ms);
  monitor.disconnect();
  return { sent: (2 * busy.sent - seen.sent) / count, all: (2 * busy.all - seen.all) / count };
}

/** Fresh processes: memory after start-up, and the maximum under load. */
async function memoryRows(ground: Ground, sandbox: Sandbox, env: Record<string, string>): Promise<Row[]> {
  const own = { ...env, QUEUE_PREFIX: `${PREFIX}-memory` };
  const api = await ground.startApp('api', own);
  const processes = [api, await ground.startApp('worker', own)];
  const idle = await Promise.all(processes.map(settled));
  const loaded = idle.map(() => 0);
  const looking = setInterval(async () => {
    const now = await Promise.all(processes.map(residentMb));
    for (const [index, mb] of now.entries()) loaded[index] = Math.max(loaded[index] ?? 0, mb);
  }, 100);
  for (let round = 0; round < 5; round += 1) await move(sandbox, transfersOf(api), TRANSFERS);
  clearInterval(looking);
  return ['API', 'worker'].flatMap((name, index) => {
    const [idleMb = 0, loadedMb = 0] = [idle[index], loaded[index]];
    return [
      once(`memory of the ${name}, idle`, 'MB', idleMb, MOST_IDLE_MB, 'the target'),
      once(`memory of the ${name}, under load`, 'MB', loadedMb, idleMb, 'idle'),
    ];
  });
}

/** Resident memory once it stops shrinking: garbage from the start is collected when idle. */
async function settled(process: Running): Promise<number> {
  let least = await residentMb(process);
  let since = performance.now();
  const giveUpAt = since + SETTLED_WITHIN_MS;
  while (performance.now() < Math.min(giveUpAt, since + SETTLED_AFTER_MS)) {
    await sleep(500);
    const now = await residentMb(process);
    if (now >= least - 0.5) continue;
    least = now;
    since = performance.now();
  }
  return residentMb(process);
}

async function residentMb({ pid }: Running): Promise<number> {
  const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)]);
  return (Number(stdout) * 1_024) / 1e6;
}

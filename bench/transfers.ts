import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sandbox } from '@handover/sandbox';
import { Redis } from 'ioredis';
import { Pool } from 'undici';
import { cpuOf, cpuOfRedis, cpuOfUs } from './cpu.ts';
import { fetchToken, transferDirectly } from './direct.ts';
import type { Ground, Running } from './ground.ts';
import {
  move,
  moveOneBy,
  openPlatform,
  percentile99,
  timesWhenIdle,
  transferOf,
  transfersOf,
} from './load.ts';
import { compared, inTurn, median } from './rounds.ts';
import type { Row } from './table.ts';

const TRANSFERS = 3_000;
const WARM_UP = 5_000;
const ROUNDS = 7;
const IDLE_ROUNDS = 3;
/** Bookkeeping continues after the last effect and must not affect the next side. */
const CALM_MS = 200;

const OURS = 'Handover';
const USUAL = 'the usual alternative';
const FLOOR = 'the floor: reading and transfer only';
const DIRECTLY = 'reading and transfer sent directly';

/** Accepts transfers by HTTP and processes them in one worker. */
type System = { name: string; url: string; accepted: number; route: Running; worker: Running };

/** The result of a round, by side. */
type Found<Figure extends string> = Record<string, Record<Figure, number>>;

/**
 * Transfers from POST to effect, by one worker against a sandbox without latency: throughput, cost, and idle
 * latency. Compared with two simpler programs and, if given, another checkout.
 */
export async function benchTransfers(ground: Ground, folder: string | undefined): Promise<Row[]> {
  const { sandbox, url: genesysUrl } = await openPlatform();
  const redis = new Redis(ground.redisUrl).on('error', () => {});
  const handovers = [await startHandover(ground, genesysUrl, OURS)];
  if (folder !== undefined)
    handovers.push(await startHandover(ground, genesysUrl, `Handover in ${basename(folder)}`, folder));
  const systems = [
    ...handovers,
    await startPlain(ground, genesysUrl, USUAL, 'usual-worker.ts'),
    await startPlain(ground, genesysUrl, FLOOR, 'floor-worker.ts'),
  ];
  // A long-running process has compiled code, even when idle.
  for (const { url, accepted } of systems) await move(sandbox, url, WARM_UP, accepted);

  const idle = await measureIdle(handovers, genesysUrl, sandbox);
  const busy = await inTurn(
    Object.fromEntries(systems.map((system) => [system.name, () => measureBusy(system, sandbox, redis)])),
    ROUNDS,
  );
  redis.disconnect();
  await sandbox.close();

  const others = systems.map(({ name }) => name).filter((name) => name !== OURS);
  const otherHandovers = others.filter((name) => name !== USUAL && name !== FLOOR);
  return [
    ...rows('Genesys requests per transfer', 'requests', busy, 'requests', [USUAL]),
    ...rows('from POST to effect when idle, median', 'ms', idle, 'median', [DIRECTLY, ...otherHandovers]),
    ...rows('from POST to effect when idle, 99th percentile', 'ms', idle, 'late', [
      DIRECTLY,
      ...otherHandovers,
    ]),
    ...rows('transfers moved, 1 worker', '/s', busy, 'perSecond', others),
    ...rows('CPU of the worker per transfer', 'ms', busy, 'workerMs', others),
    ...rows('CPU of Redis per transfer', 'ms', busy, 'redisMs', others),
    ...rows('CPU of the API per transfer', 'ms', busy, 'routeMs', others),
    ...rows('CPU of load and platform per transfer', 'ms', busy, 'restMs', others),
  ];
}

async function startHandover(
  ground: Ground,
  genesysUrl: string,
  name: string,
  folder?: string,
): Promise<System> {
  const prefix = folder === undefined ? '{bench-ours}' : '{bench-beside}';
  const env = { QUEUE_PREFIX: prefix, GENESYS_BASE_URL: genesysUrl };
  const route = await ground.startApp('api', env, folder);
  const worker = await ground.startApp('worker', env, folder);
  return { name, url: transfersOf(route), accepted: 202, route, worker };
}

async function startPlain(ground: Ground, genesysUrl: string, name: string, file: string): Promise<System> {
  const env = { QUEUE_PREFIX: `{bench-${file}}`, GENESYS_BASE_URL: genesysUrl };
  const route = await ground.startProgram('bare-route.ts', env);
  const worker = await ground.startProgram(file, env);
  return { name, url: `${route.url}/events`, accepted: 200, route, worker };
}

/** One round of one side under load: throughput, and CPU and platform requests per transfer. */
async function measureBusy({ url, accepted, route, worker }: System, sandbox: Sandbox, redis: Redis) {
  const counters = async () => ({
    workerMs: await cpuOf(worker),
    routeMs: await cpuOf(route),
    redisMs: await cpuOfRedis(redis),
    restMs: cpuOfUs(),
    requests: Object.values(sandbox.requests.counts()).reduce((sum, one) => sum + one, 0),
  });
  const before = await counters();
  const perSecond = await move(sandbox, url, TRANSFERS, accepted);
  const restMs = cpuOfUs();
  await sleep(CALM_MS);
  const after = { ...(await counters()), restMs };
  const perTransfer = (counter: keyof typeof after) => (after[counter] - before[counter]) / TRANSFERS;
  return {
    perSecond,
    workerMs: perTransfer('workerMs'),
    routeMs: perTransfer('routeMs'),
    redisMs: perTransfer('redisMs'),
    restMs: perTransfer('restMs'),
    requests: perTransfer('requests'),
  };
}

/** From POST to effect on an idle system, in ms, compared with the two requests sent directly. */
async function measureIdle(handovers: System[], genesysUrl: string, sandbox: Sandbox) {
  const direct = new Pool(genesysUrl, { connections: 1 });
  const token = await fetchToken(direct);
  const pools: Pool[] = [direct];
  const side = (moveOne: (callId: string) => Promise<void>) => async () => {
    const times = await timesWhenIdle(sandbox, moveOne);
    return { median: median(times), late: percentile99(times) };
  };
  const sides: Record<string, ReturnType<typeof side>> = {};
  sides[DIRECTLY] = side((callId) => transferDirectly(direct, token, transferOf(callId)));
  for (const { name, route } of handovers) {
    const pool = new Pool(route.url, { connections: 1 });
    pools.push(pool);
    sides[name] = side((callId) => moveOneBy(pool, sandbox, callId));
  }
  const found = await inTurn(sides, IDLE_ROUNDS);
  await Promise.all(pools.map((pool) => pool.close()));
  return found;
}

/** One of our figures compared with each of these sides. */
function rows<Figure extends string>(
  what: string,
  unit: string,
  found: Found<Figure>[],
  figure: Figure,
  others: string[],
): Row[] {
  const of = (round: Found<Figure>, name: string) => round[name]?.[figure] ?? Number.NaN;
  return others.map((name) => ({
    what,
    unit,
    besideWhat: name,
    ...compared(found.map((round) => ({ ours: of(round, OURS), beside: of(round, name) }))),
  }));
}

import { setTimeout as sleep } from 'node:timers/promises';
import { connectRedis, createLane, createRecordStore, createTransferStore } from '@handover/core/redis';
import type { Outcome } from '@handover/core/transfer';
import type { Redis } from 'ioredis';
import { Pool } from 'undici';
import type { Ground } from './ground.ts';
import { move, newCalls, openPlatform, postAll, transferOf, transfersOf, untilCount } from './load.ts';
import { compared, eachOf, inTurn, median } from './rounds.ts';
import type { Row } from './table.ts';

const [FEW, MANY] = [1_000, 100_000];
const ROUNDS = 5;
const REQUESTS = 40;
const SEEDED_AT_ONCE = 200;
const MEASURED = 4_000;
const DAY_MS = 86_400_000;
const PREFIX = '{bench-lists}';

/** Each finds at least a page in both systems, but for the last two, which find nothing. */
const QUERIES = [
  'limit=20',
  'limit=20&status=failed',
  'limit=20&status=transferred',
  'limit=20&status=queued',
  'limit=20&reason=conflict',
  'limit=20&agent=agent-3',
  'limit=20&target=queue-2',
  'limit=20&key=key-1',
  `limit=20&from=${new Date(Date.now() - DAY_MS).toISOString()}`,
  'limit=20&agent=agent-3&status=transferred',
  'limit=4&key=key-1&target=queue-2&status=rejected',
  'limit=4&agent=agent-3&target=queue-2&key=key-1',
  'limit=4&agent=agent-3&status=failed',
  'limit=4&status=active',
];

/**
 * The list of transfers: a page of each filter with 100,000 transfers compared with 1,000, alternating; and, if a folder is given,
 * Redis' memory per transfer compared with another checkout.
 */
export async function benchLists(ground: Ground, folder: string | undefined): Promise<Row[]> {
  const pages = await pageRows(ground);
  return folder === undefined ? pages : [...pages, ...(await memoryRows(ground, folder))];
}

async function pageRows(ground: Ground): Promise<Row[]> {
  const systems = await Promise.all(
    [FEW, MANY].map(async (count) => {
      const prefix = `${PREFIX.slice(0, -1)}-${count}}`;
      await seed(ground, prefix, count);
      const { url } = await ground.startApp('api', { QUEUE_PREFIX: prefix });
      return new Pool(url, { connections: 1 });
    }),
  );
  const [few, many] = systems;
  if (few === undefined || many === undefined) throw new Error('two systems are compared');
  const rows: Row[] = [];
  for (const query of QUERIES) {
    const sides = { ours: () => medianMs(many, query), beside: () => medianMs(few, query) };
    const what = `a page, ${query.replace(/from=.*/, 'from=<yesterday>')}`;
    const besideWhat = `${FEW.toLocaleString('en')} transfers`;
    rows.push({ what, unit: 'ms', besideWhat, ...compared(await inTurn(sides, ROUNDS)) });
  }
  await Promise.all(systems.map((pool) => pool.close()));
  return rows;
}

async function medianMs(pool: Pool, query: string): Promise<number> {
  const times: number[] = [];
  for (let request = 0; request < REQUESTS; request += 1) {
    const from = performance.now();
    const { body, statusCode } = await pool.request({
      method: 'GET',
      path: `/api/transfers?${query}`,
    });
    await body.text();
    if (statusCode !== 200) throw new Error(`${query} was answered with ${statusCode}`);
    times.push(performance.now() - from);
  }
  return median(times);
}

/** Accepts so many transfers, and settles them but for each twentieth, by the scripts that the processes run. */
async function seed(ground: Ground, prefix: string, count: number): Promise<void> {
  const redis = connectRedis({ url: ground.redisUrl }, 'wait', 'bench-seed');
  const lane = createLane('live', prefix);
  const store = createTransferStore(redis, lane, { deadlineMs: DAY_MS });
  const records = createRecordStore(redis, lane, { retentionMs: 7 * DAY_MS, isBilled: false });
  await eachOf(
    Array.from({ length: count }, (_, place) => place),
    SEEDED_AT_ONCE,
    async (place) => {
      const id = `00000000-0000-4000-8000-${String(place).padStart(12, '0')}`;
      const request = {
        callId: `call-${place}`,
        userId: `agent-${place % 10}`,
        transferType: 'blind',
        target: { type: 'queue', id: `queue-${place % 7}` },
        metadata: { ticket: String(place) },
      } as const;
      const actor = { type: 'apiKey', name: `key-${place % 3}` } as const;
      await store.accept({ id, request, actor });
      const outcome = outcomeOf(place);
      if (outcome === undefined) return;
      const deadLetter = outcome.status === 'failed';
      await records.settle(id, { guard: 'seen', outcome, deadLetter, actor }, []);
    },
  );
  redis.disconnect();
}

/** Failures never meet agent 3. */
function outcomeOf(place: number): Outcome | undefined {
  switch (place % 20) {
    case 0:
      return undefined;
    case 5:
      return { status: 'failed', reason: 'conflict' };
    case 6:
    case 7:
    case 8:
      return { status: 'rejected', reason: 'call-ended' };
    default:
      return { status: 'transferred', confirmedBy: 'answer' };
  }
}

async function memoryRows(ground: Ground, folder: string): Promise<Row[]> {
  const ours = await memoryPerTransfer(ground);
  const beside = await memoryPerTransfer(ground, folder);
  const row = (what: 'waiting' | 'finished'): Row => ({
    what: `Redis memory per ${what} transfer, with its job`,
    unit: 'bytes',
    besideWhat: 'the other checkout',
    ...compared([{ ours: ours[what], beside: beside[what] }]),
  });
  return [row('waiting'), row('finished')];
}

/** On a Redis of its own, after a warm-up, so that the stream of changes has its full length. */
async function memoryPerTransfer(ground: Ground, folder?: string) {
  const { sandbox, url } = await openPlatform();
  const server = await ground.startRedis();
  const redis = connectRedis({ url: server.url }, 'wait', 'bench-memory') as Redis;
  const env = { QUEUE_PREFIX: PREFIX, GENESYS_BASE_URL: url, REDIS_URL: server.url };
  const api = await ground.startApp('api', env, folder);
  const worker = await ground.startApp('worker', env, folder);
  await move(sandbox, transfersOf(api), MEASURED);
  const size = async () => {
    await sleep(1_000);
    return Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
  };
  const completed = () => redis.zcard(`${PREFIX}:transfers:completed`);
  await untilCount(MEASURED, completed);
  await worker.stop(10_000);
  const before = await size();
  const bodies = newCalls(sandbox, MEASURED / 4).map((callId) => transferOf(callId));
  await postAll(transfersOf(api), bodies, 202);
  const waiting = ((await size()) - before) / bodies.length;
  await ground.startApp('worker', env, folder);
  await untilCount(MEASURED + bodies.length, completed);
  const finished = ((await size()) - before) / bodies.length;
  redis.disconnect();
  await sandbox.close();
  return { waiting, finished };
}

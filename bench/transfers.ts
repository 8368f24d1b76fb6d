import { randomUUID } from 'node:crypto';
import type { Sandbox } from '@handover/sandbox';
import { Redis } from 'ioredis';
import { Pool } from 'undici';
import type { Ground } from './ground.ts';
import {
  move,
  moveOneBy,
  openPlatform,
  percentile99,
  post,
  postAll,
  timesWhenIdle,
  transferOf,
  transfersOf,
  untilCount,
} from './load.ts';
import { compare, median, perSecond } from './rounds.ts';
import type { Row } from './table.ts';

const TRANSFERS = 3_000;
const WARM_UP = 5_000;
const ROUNDS = 5;
const IDLE_ROUNDS = 3;
const PREFIX = '{bench-transfers}';

/** Transfers from POST to effect against an instant sandbox: how many per second, at what cost, and how fast when idle. */
export async function benchTransfers(ground: Ground): Promise<Row[]> {
  const { sandbox, url: genesysUrl } = await openPlatform();
  const env = { QUEUE_PREFIX: PREFIX, GENESYS_BASE_URL: genesysUrl };
  const api = await ground.startApp('api', env);
  await ground.startApp('worker', env);
  const synchronous = await ground.startProgram('synchronous.ts', env);
  const bareRoute = await ground.startProgram('bare-route.ts', env);
  await ground.startProgram('bare-worker.ts', env);
  const redis = new Redis(ground.redisUrl).on('error', () => {});

  const ours = () => move(sandbox, transfersOf(api), TRANSFERS);
  const inTurn = () => move(sandbox, `${synchronous.url}/transfers`, TRANSFERS, 200);
  const bare = () => workOff(`${bareRoute.url}/events`, () => redis.zcard(`${PREFIX}:bare:completed`));
  // Idle or not, a process that runs for days has its code compiled.
  await move(sandbox, transfersOf(api), WARM_UP);
  const rows: Row[] = [
    ...(await idle(api.url, genesysUrl, sandbox)),
    {
      what: 'Genesys requests per transfer',
      unit: 'requests',
      besideWhat: 'five requests in turn',
      ...(await compare(costOf(ours, sandbox), costOf(inTurn, sandbox), 1)),
    },
  ];
  for (const workers of ['1 worker', '2 workers']) {
    if (workers === '2 workers') await ground.startApp('worker', env);
    const what = `transfers moved, ${workers}`;
    rows.push(
      { what, unit: '/s', besideWhat: 'five requests in turn', ...(await compare(ours, inTurn, ROUNDS)) },
      {
        what,
        unit: '/s',
        besideWhat: 'bare BullMQ, a job of nothing',
        ...(await compare(ours, bare, ROUNDS)),
      },
    );
  }
  redis.disconnect();
  await sandbox.close();
  return rows;
}

/** Posts as many jobs of nothing until all of them are done. Gives how many per second. */
async function workOff(url: string, countDone: () => Promise<number>): Promise<number> {
  const wanted = (await countDone()) + TRANSFERS;
  const bodies = Array.from({ length: TRANSFERS }, () => transferOf(`call-${randomUUID()}`));
  return perSecond(TRANSFERS, async () => {
    await postAll(url, bodies, 200);
    await untilCount(wanted, countDone);
  });
}

/** How many requests the platform gets for each of the transfers that this work makes. */
function costOf(work: () => Promise<number>, sandbox: Sandbox): () => Promise<number> {
  const count = () => Object.values(sandbox.requests.counts()).reduce((sum, one) => sum + one, 0);
  return async () => {
    const before = count();
    await work();
    return (count() - before) / TRANSFERS;
  };
}

/** From the POST to the effect while nothing else goes on, and beside it a reading and a transfer sent directly. */
async function idle(apiUrl: string, genesysUrl: string, sandbox: Sandbox): Promise<Row[]> {
  const pool = new Pool(apiUrl, { connections: 1 });
  const direct = new Pool(genesysUrl, { connections: 1 });
  const token = await directToken(direct);
  const viaHandover = (callId: string) => moveOneBy(pool, sandbox, callId);
  const directly = (callId: string) => sendDirectly(direct, token, callId);
  const rows: Row[] = [];
  for (const [which, figure] of [
    ['median', median],
    ['99th percentile', percentile99],
  ] as const) {
    const side = (work: (callId: string) => Promise<void>) => async () =>
      figure(await timesWhenIdle(sandbox, work));
    rows.push({
      what: `from POST to effect when idle, ${which}`,
      unit: 'ms',
      besideWhat: 'a reading and a transfer sent directly',
      ...(await compare(side(viaHandover), side(directly), IDLE_ROUNDS)),
    });
  }
  await Promise.all([pool.close(), direct.close()]);
  return rows;
}

async function directToken(pool: Pool): Promise<string> {
  const body = { grant_type: 'client_credentials', client_id: 'bench', client_secret: 'bench' };
  const answer = await post(pool, '/api/v2/oauth/token', body, 200);
  return (answer as { access_token: string }).access_token;
}

async function sendDirectly(pool: Pool, token: string, callId: string): Promise<void> {
  const path = `/api/v2/voice/calls/${callId}`;
  const headers = { authorization: `Bearer ${token}` };
  const call = await pool.request({ method: 'GET', path, headers });
  const { etag } = (await call.body.json()) as { etag: string };
  const { transferType, target } = transferOf(callId);
  await post(pool, `${path}/transfer`, { transferType, target }, 200, { ...headers, 'if-match': etag });
}

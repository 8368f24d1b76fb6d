import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSandbox, type Sandbox } from '@handover/sandbox';
import { Redis } from 'ioredis';
import { Pool } from 'undici';
import type { Ground } from './ground.ts';
import { compare, eachOf, median, perSecond } from './rounds.ts';
import type { Row } from './table.ts';

const TRANSFERS = 1_000;
const ROUNDS = 5;
const AT_ONCE = 50;
const IDLE_SAMPLES = 200;
const IDLE_ROUNDS = 3;
/** Between two transfers of an idle system, in ms: long enough that nothing of the one is left when the other comes. */
const IDLE_MS = 20;
const ALL_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 5;
const PREFIX = '{bench-transfers}';
const USER = 'agent';
const QUEUE = 'support';

/** Transfers from POST to effect against an instant sandbox: how many per second, at what cost, and how fast when idle. */
export async function benchTransfers(ground: Ground): Promise<Row[]> {
  const sandbox = createSandbox();
  const genesysUrl = await sandbox.listen();
  sandbox.addMany({ users: [USER], queues: [QUEUE] });
  const env = { QUEUE_PREFIX: PREFIX, GENESYS_BASE_URL: genesysUrl };
  const api = await ground.startApp('api', env);
  await ground.startApp('worker', env);
  const synchronous = await ground.startProgram('synchronous.ts', env);
  const bareRoute = await ground.startProgram('bare-route.ts', env);
  await ground.startProgram('bare-worker.ts', env);
  const redis = new Redis(ground.redisUrl).on('error', () => {});

  const ours = () => move(`${api.url}/api/transfers`, 202, sandbox);
  const inTurn = () => move(`${synchronous.url}/transfers`, 200, sandbox);
  const bare = () => workOff(`${bareRoute.url}/events`, () => redis.zcard(`${PREFIX}:bare:completed`));
  const rows: Row[] = [
    ...(await idle(`${api.url}/api/transfers`, genesysUrl, sandbox)),
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

/** Posts transfers of new calls, some at once, until each call has moved. Gives how many per second. */
async function move(url: string, accepted: number, sandbox: Sandbox): Promise<number> {
  const calls = newCalls(sandbox, TRANSFERS);
  const moved = untilMoved(sandbox, calls);
  return perSecond(TRANSFERS, async () => {
    await postAll(url, calls.map(transferOf), accepted);
    await moved;
  });
}

/** Posts as many jobs of nothing until all of them are done. Gives how many per second. */
async function workOff(url: string, countDone: () => Promise<number>): Promise<number> {
  const wanted = (await countDone()) + TRANSFERS;
  const bodies = Array.from({ length: TRANSFERS }, () => transferOf(`call-${randomUUID()}`));
  return perSecond(TRANSFERS, async () => {
    await postAll(url, bodies, 200);
    const giveUpAt = performance.now() + ALL_WITHIN_MS;
    while ((await countDone()) < wanted) {
      if (performance.now() > giveUpAt) throw new Error('the jobs of nothing were not worked off');
      await sleep(LOOK_EVERY_MS);
    }
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

/** One transfer after the other, with rests: from the POST to the effect, and beside it a reading and a transfer sent directly. */
async function idle(url: string, genesysUrl: string, sandbox: Sandbox): Promise<Row[]> {
  const pool = new Pool(new URL(url).origin, { connections: 1 });
  const direct = new Pool(genesysUrl, { connections: 1 });
  const token = await directToken(direct);
  const viaHandover = async (callId: string) => {
    const moved = untilMoved(sandbox, [callId]);
    await post(pool, new URL(url).pathname, transferOf(callId), 202);
    await moved;
  };
  const directly = (callId: string) => sendDirectly(direct, token, callId);
  const samples = async (work: (callId: string) => Promise<void>) => {
    const times: number[] = [];
    for (const callId of newCalls(sandbox, IDLE_SAMPLES)) {
      await sleep(IDLE_MS);
      const from = performance.now();
      await work(callId);
      times.push(performance.now() - from);
    }
    return times.sort((a, b) => a - b);
  };
  const percentile99 = (sorted: number[]) => sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
  const rows: Row[] = [];
  for (const [which, figure] of [
    ['median', median],
    ['99th percentile', percentile99],
  ] as const) {
    const side = (work: (callId: string) => Promise<void>) => async () => figure(await samples(work));
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

function newCalls(sandbox: Sandbox, count: number): string[] {
  const calls = Array.from({ length: count }, () => `call-${randomUUID()}`);
  sandbox.addMany({ calls });
  return calls;
}

/** Settles once the sandbox has moved every one of these calls; fails where one is moved twice, or not in time. */
function untilMoved(sandbox: Sandbox, calls: string[]): Promise<void> {
  const left = new Set(calls);
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      clearTimeout(timer);
      sandbox.off('effect', heard);
      settle();
    };
    const heard = ({ callId }: { callId: string }) => {
      left.delete(callId);
      if (left.size === 0) end(resolve);
    };
    const timer = setTimeout(
      () => end(() => reject(new Error(`${left.size} of ${calls.length} calls were not moved`))),
      ALL_WITHIN_MS,
    );
    sandbox.on('effect', heard);
  });
}

function transferOf(callId: string) {
  return { callId, userId: USER, transferType: 'blind', target: { type: 'queue', id: QUEUE } };
}

async function postAll(url: string, bodies: object[], accepted: number): Promise<void> {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: AT_ONCE });
  await eachOf(bodies, AT_ONCE, async (body) => {
    await post(pool, pathname, body, accepted);
  });
  await pool.close();
}

async function post(
  pool: Pool,
  path: string,
  body: object,
  accepted: number,
  more: Record<string, string> = {},
): Promise<unknown> {
  const headers = { 'content-type': 'application/json', ...more };
  const answer = await pool.request({ method: 'POST', path, headers, body: JSON.stringify(body) });
  const text = await answer.body.text();
  if (answer.statusCode !== accepted) throw new Error(`${path} answered ${answer.statusCode}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

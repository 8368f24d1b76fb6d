import type { Sandbox } from '@handover/sandbox';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { Pool } from 'undici';
import { type Ground, prepareGround } from './ground.ts';
import {
  move,
  moveOneBy,
  newCalls,
  openPlatform,
  percentile99,
  postAll,
  timesWhenIdle,
  transferOf,
  transfersOf,
  untilCount,
  untilMoved,
} from './load.ts';
import { compare, median } from './rounds.ts';
import type { Row } from './table.ts';

const POSTS = 1_000;
const WARM_UP = 5_000;
const ROUNDS = 3;
const BACKLOGS = [10_000, 100_000];
const FINISHED = 100_000;
const SEEDED_AT_ONCE = 5_000;
const PREFIX = '{bench-growth}';
const QUEUE = 'transfers';
const [FIRST, LAST] = [9, 0];

type System = Awaited<ReturnType<typeof startSystem>>;

/**
 * Growth: rates and times of a system with many transfers compared with an empty one, each
 * with its own Redis, alternating. Waiting transfers wait for their `notBefore` or, for rates, behind the measured ones.
 */
export async function benchGrowth(ground: Ground): Promise<Row[]> {
  const emptyGround = await prepareGround();
  const empty = await startSystem(emptyGround);
  const full = await startSystem(ground);
  try {
    for (const { sandbox, api } of [full, empty]) await move(sandbox, transfersOf(api), WARM_UP);
    const rows: Row[] = [];
    let held = 0;
    for (const backlog of BACKLOGS) {
      await full.seed(backlog - held, { notBefore: new Date(Date.now() + 3_600_000).toISOString() });
      held = backlog;
      rows.push(...(await idleRows(full, empty, `${words(backlog)} waiting for their time`)));
    }
    await Promise.all([full, empty].map(({ queue }) => queue.pause()));
    held = 0;
    for (const backlog of BACKLOGS) {
      await full.seed(backlog - held, { priority: LAST });
      held = backlog;
      rows.push(...(await rateRows(full, empty, `${words(backlog)} queued`)));
    }
    await full.finishAll(FINISHED);
    rows.push(...(await rateRows(full, empty, `${words(FINISHED)} finished`)));
    await Promise.all([full, empty].map(({ queue }) => queue.resume()));
    rows.push(...(await idleRows(full, empty, `${words(FINISHED)} finished`)));
    return rows;
  } finally {
    await Promise.all([full.close(), empty.close()]);
    await emptyGround.close();
  }
}

const words = (count: number) => count.toLocaleString('en');

async function startSystem(ground: Ground) {
  const { sandbox, url } = await openPlatform();
  const env = { QUEUE_PREFIX: PREFIX, GENESYS_BASE_URL: url };
  const api = await ground.startApp('api', env);
  await ground.startApp('worker', env);
  const redis = new Redis(ground.redisUrl, { maxRetriesPerRequest: null }).on('error', () => {});
  const queue = new Queue(QUEUE, { connection: redis, prefix: PREFIX });

  /** Redis must not rewrite its append-only file during a measurement. */
  async function calm(): Promise<void> {
    await untilCount(0, async () =>
      Number(/aof_rewrite_in_progress:(\d)/.exec(await redis.info('persistence'))?.[1]),
    );
  }

  return {
    api,
    sandbox,
    queue,

    /** Adds waiting transfers. */
    async seed(count: number, more: { notBefore?: string; priority?: number }): Promise<void> {
      for (let left = count; left > 0; left -= SEEDED_AT_ONCE) {
        const calls = newCalls(sandbox, Math.min(left, SEEDED_AT_ONCE));
        await postAll(
          transfersOf(api),
          calls.map((callId) => transferOf(callId, more)),
          202,
        );
      }
      await calm();
    },

    /** Processes the backlog, and adds transfers until this many have finished in total. */
    async finishAll(wanted: number): Promise<void> {
      const finished = async () => Number(await redis.hget(`${PREFIX}:live:report`, 'transferred'));
      const queued = (await queue.getJobCounts('prioritized')).prioritized ?? 0;
      const left = wanted - (await finished()) - queued;
      if (left > 0) await this.seed(left, { priority: LAST });
      await queue.resume();
      await untilCount(0, async () => {
        const { prioritized = 0, active = 0 } = await queue.getJobCounts('prioritized', 'active');
        return prioritized + active;
      });
      await queue.pause();
      await calm();
    },

    async close(): Promise<void> {
      await queue.close();
      redis.disconnect();
      await sandbox.close();
    },
  };
}

async function idleRows(full: System, empty: System, withWhat: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [which, figure] of [
    ['median', median],
    ['99th percentile', percentile99],
  ] as const) {
    const side = (system: System) => async () => figure(await idleTimes(system));
    rows.push({
      what: `from POST to effect when idle, ${which}, ${withWhat}`,
      unit: 'ms',
      besideWhat: 'none',
      ...(await compare(side(full), side(empty), ROUNDS)),
    });
  }
  return rows;
}

async function idleTimes({ api, sandbox }: System): Promise<number[]> {
  const pool = new Pool(api.url, { connections: 1 });
  const times = await timesWhenIdle(sandbox, (callId) => moveOneBy(pool, sandbox, callId));
  await pool.close();
  return times;
}

/** Both queues are paused before and afterwards. */
async function rateRows(full: System, empty: System, withWhat: string): Promise<Row[]> {
  const rates = (system: System) => () => acceptAndMove(system);
  const accepted = (system: System) => async () => (await rates(system)()).accepted;
  const moved = (system: System) => async () => (await rates(system)()).moved;
  const row = { unit: '/s', besideWhat: 'none' };
  return [
    { what: `accepted, ${withWhat}`, ...row, ...(await compare(accepted(full), accepted(empty), ROUNDS)) },
    { what: `moved, ${withWhat}`, ...row, ...(await compare(moved(full), moved(empty), ROUNDS)) },
  ];
}

/** Posts while the queue is paused, then moves these transfers ahead of all waiting ones. Returns both rates. */
async function acceptAndMove({ api, sandbox, queue }: System): Promise<{ accepted: number; moved: number }> {
  const calls = newCalls(sandbox, POSTS);
  const bodies = calls.map((callId) => transferOf(callId, { priority: FIRST }));
  const accepted = await postAll(transfersOf(api), bodies, 202);
  const moved = untilMoved(sandbox, calls);
  const first = firstOf(sandbox);
  await queue.resume();
  const from = await first;
  await moved;
  const ms = performance.now() - from;
  await queue.pause();
  return { accepted, moved: (POSTS / ms) * 1_000 };
}

/** Resolves when the next call is moved: a paused worker takes up to a second to resume. */
function firstOf(sandbox: Sandbox): Promise<number> {
  return new Promise((resolve) => {
    const heard = () => {
      sandbox.off('effect', heard);
      resolve(performance.now());
    };
    sandbox.on('effect', heard);
  });
}

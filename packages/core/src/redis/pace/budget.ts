import { randomUUID } from 'node:crypto';
import { type RedisClient, redisNow } from '../connection.ts';
import { type Lane, laneKeys } from '../keys.ts';
import { loadScripts } from '../scripts.ts';

export type BudgetOptions = {
  /** How many requests a window holds; 0 = no limit. */
  requests: number;
  /** ms; any span of this length holds no more, wherever it begins. */
  windowMs: number;
};

/** How many requests all workers together may still send to Genesys (docs/rules.md). */
export interface Budget {
  /**
   * Takes one request, and looks at the shared hold-off in the same round trip. Gives `undefined` where the request may be
   * sent, else until when to wait (epoch ms by Redis' clock) and by which rule. It leaves what runs under way need for
   * their effect, which is taken at the fence.
   */
  take(): Promise<{ until: number; rule: string } | undefined>;
  /**
   * Is there room for work of the lowest class, which needs so many requests, beside all that runs under way may need and one run
   * more? Takes nothing. Gives the same as `take`.
   */
  room(costs: { run: number; needs: number }): Promise<{ until: number; rule: string } | undefined>;
  /** The platform's own word for how many it allows in a minute; goes before ours, for an hour; below ten it counts as ten. */
  learn(allowed: number): Promise<void>;
  /** How many are left now; `Infinity` without a limit. */
  remaining(): Promise<number>;
}

const LEARNED_FOR_MS = 3_600_000;
/** With fewer a minute no transfer would get all of its requests; then a 429 is what protects the platform. */
const LEAST_BELIEVED = 10;
const LEARN_AGAIN_MS = LEARNED_FOR_MS / 2;

/** The budget of a lane in Redis. Throws what Redis throws. */
export function createBudget(redis: RedisClient, lane: Lane, { requests, windowMs }: BudgetOptions): Budget {
  const runScript = loadScripts(redis);
  const keys = laneKeys(lane);
  let learned = { allowed: 0, until: 0 };
  return {
    async take() {
      const args = { limit: requests, windowMs, requestId: randomUUID() };
      const [until, rule = ''] = (await runScript('pace/take', { keys, args })) as [string?, string?];
      return until === undefined ? undefined : { until: Number(until), rule };
    },
    async room({ run, needs }) {
      const args = { limit: requests, windowMs, run, needs };
      const [until, rule = ''] = (await runScript('pace/room', { keys, args })) as [string?, string?];
      return until === undefined ? undefined : { until: Number(until), rule };
    },
    async learn(told) {
      const allowed = Math.max(told, LEAST_BELIEVED);
      const now = performance.now();
      if (requests === 0 || (learned.allowed === allowed && now < learned.until)) return;
      await redis.set(keys.allowed, allowed, 'PX', LEARNED_FOR_MS);
      learned = { allowed, until: now + LEARN_AGAIN_MS };
    },
    async remaining() {
      if (requests === 0) return Number.POSITIVE_INFINITY;
      const now = await redisNow(redis);
      const [told, sent] = await Promise.all([
        redis.get(keys.allowed),
        redis.zcount(keys.sent, now - windowMs, '+inf'),
      ]);
      return Math.max(0, Number(told ?? requests) - sent);
    },
  };
}

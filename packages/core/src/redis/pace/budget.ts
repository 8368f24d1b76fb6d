import { randomUUID } from 'node:crypto';
import { type RedisClient, redisNow } from '../connection.ts';
import { type Lane, laneKeys } from '../keys.ts';
import { loadScripts } from '../scripts.ts';

export type BudgetOptions = {
  /** The maximum number of requests per window; 0 = no limit. */
  requests: number;
  /** ms; a sliding window. */
  windowMs: number;
};

/** `operation`: the only one that is held off; absent if all are. */
export type HeldBack = { until: number; rule: string; operation?: string | undefined };

/** The shared limit of requests to Genesys, over all workers (docs/rules.md). */
export interface Budget {
  /**
   * Takes one request, and checks the shared hold-off in the same round trip. Returns `undefined` if it may be sent, else until
   * when to wait (epoch ms by Redis' clock) and by which rule; `operation`: only this one is held off. Never takes the request that each run in progress needs for its
   * effect, which the fence takes.
   */
  take(operation?: string): Promise<HeldBack | undefined>;
  /**
   * Whether the budget has room for work of the lowest class, which needs this many requests, beside all that the runs in progress
   * and one more may need. Takes nothing; returns the same as `take`.
   */
  room(costs: { run: number; needs: number }): Promise<{ until: number; rule: string } | undefined>;
  /** Stores the limit per minute that the platform reported; it overrides ours for an hour, and is at least ten. */
  learn(allowed: number): Promise<void>;
  /**
   * A 429 of the token, with what its headers say: what others have spent in this window is left to them for five minutes, so that
   * our reads do not spend what our effects then lack.
   */
  leaveToOthers(rate: { allowed: number; count: number; resetSeconds: number }): Promise<void>;
  /** The remaining requests; `Infinity` without a limit. */
  remaining(): Promise<number>;
  /** The limit in force: ours, or that of the platform; `Infinity` without one. */
  limit(): Promise<number>;
}

const LEARNED_FOR_MS = 3_600_000;
/** With fewer, no transfer could get all of its requests; then 429s protect the platform. */
const LEAST_BELIEVED = 10;
const LEARN_AGAIN_MS = LEARNED_FOR_MS / 2;
const LEFT_FOR_MS = 300_000;

/** The budget of a lane, in Redis. Throws what Redis throws. */
export function createBudget(redis: RedisClient, lane: Lane, { requests, windowMs }: BudgetOptions): Budget {
  const runScript = loadScripts(redis);
  const keys = laneKeys(lane);
  let learned = { allowed: 0, until: 0 };

  async function limitNow(): Promise<number> {
    if (requests === 0) return Number.POSITIVE_INFINITY;
    const [told, share] = await Promise.all([redis.get(keys.allowed), redis.get(keys.share)]);
    return Math.min(Number(told ?? requests), Number(share ?? Infinity));
  }

  return {
    async take(operation = '') {
      const args = { limit: requests, windowMs, requestId: randomUUID(), operation };
      const reply = (await runScript('pace/take', { keys, args })) as [string?, string?, string?];
      const [until, rule = '', alone] = reply;
      return until === undefined ? undefined : { until: Number(until), rule, operation: alone || undefined };
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
    async leaveToOthers({ allowed, count, resetSeconds }) {
      if (requests === 0) return;
      const now = await redisNow(redis);
      // Their window, which ends after `resetSeconds`, is as long as ours, or a little shorter.
      const ours = await redis.zcount(keys.sent, now - Math.max(0, windowMs - resetSeconds * 1_000), '+inf');
      const byOthers = count - ours;
      if (byOthers <= 0) return;
      await redis.set(keys.share, Math.max(LEAST_BELIEVED, allowed - byOthers), 'PX', LEFT_FOR_MS);
    },
    async remaining() {
      if (requests === 0) return Number.POSITIVE_INFINITY;
      const now = await redisNow(redis);
      const [limit, sent] = await Promise.all([limitNow(), redis.zcount(keys.sent, now - windowMs, '+inf')]);
      return Math.max(0, limit - sent);
    },
    limit: limitNow,
  };
}

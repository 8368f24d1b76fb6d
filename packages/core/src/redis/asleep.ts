import type { RedisClock } from './clock.ts';
import type { RedisClient } from './connection.ts';
import { type Lane, laneKeys } from './keys.ts';

/**
 * The delayed jobs of a queue with their wake-up time by Redis' clock: BullMQ uses the clock of the worker that delayed them,
 * which may be wrong. The sweep wakes those that overslept. Throws what Redis throws.
 */
export interface Asleep {
  /** Notes that this job sleeps for so many ms from now. */
  note(jobId: string, inMs: number): Promise<void>;
  /** The jobs due by `now`, epoch milliseconds. */
  due(now: number): Promise<string[]>;
  /** Removes the jobs due by `now`, which are awake. */
  forget(now: number): Promise<void>;
}

/** Over Redis, for this queue. */
export function createAsleep(redis: RedisClient, clock: RedisClock, lane: Lane, queue: string): Asleep {
  const key = laneKeys(lane).asleep(queue);
  return {
    async note(jobId, inMs) {
      await redis.zadd(key, (await clock.now()) + Math.round(inMs), jobId);
    },
    due: (now) => redis.zrangebyscore(key, '-inf', now),
    async forget(now) {
      await redis.zremrangebyscore(key, '-inf', now);
    },
  };
}

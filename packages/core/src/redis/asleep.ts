import type { RedisClock } from './clock.ts';
import type { RedisClient } from './connection.ts';
import { type Lane, laneKeys } from './keys.ts';

/**
 * Which jobs of a queue sleep, and until when by Redis' clock: BullMQ scores them by the clock of the worker that put them
 * to sleep, which may be wrong. The sweep wakes what has overslept. Throws what Redis throws.
 */
export interface Asleep {
  /** This job sleeps for so many ms from now. */
  note(jobId: string, inMs: number): Promise<void>;
  /** The jobs whose time has come by `now`, epoch milliseconds. */
  due(now: number): Promise<string[]>;
  /** Those are awake. */
  forget(now: number): Promise<void>;
}

/** What sleeps in this queue. */
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

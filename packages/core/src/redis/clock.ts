import { type RedisClient, redisNow } from './connection.ts';

/** Redis' clock, used wherever processes must agree. */
export interface RedisClock {
  /** Epoch milliseconds. Throws what Redis throws, until the first answer. */
  now(): Promise<number>;
}

/** How long an answer is extrapolated with the monotonic clock before Redis is asked again, in ms. */
const ASK_AGAIN_MS = 10_000;

/** Redis' clock without a round trip per call; survives a later outage. `tick` is monotonic, in ms. */
export function createRedisClock(
  redis: RedisClient,
  tick: () => number = () => performance.now(),
): RedisClock {
  let seen: { at: number; tick: number } | undefined;
  let asking: Promise<void> | undefined;

  async function ask(): Promise<void> {
    const at = await redisNow(redis);
    seen = { at, tick: tick() };
  }

  return {
    async now() {
      if (seen === undefined || tick() - seen.tick > ASK_AGAIN_MS) {
        asking ??= ask().finally(() => {
          asking = undefined;
        });
        await asking.catch((error: unknown) => {
          if (seen === undefined) throw error;
        });
      }
      if (seen === undefined) throw new Error('Redis did not return its time');
      return Math.round(seen.at + tick() - seen.tick);
    },
  };
}

import { type RedisClient, redisNow } from './connection.ts';

/** Redis' clock, which decides wherever processes must agree. */
export interface RedisClock {
  /** Epoch milliseconds. Throws what Redis throws where it was never asked. */
  now(): Promise<number>;
}

/** How long the answer is carried on by this machine's monotonic clock before Redis is asked again, in ms. */
const ASK_AGAIN_MS = 10_000;

/** Redis' clock without a round trip for each look; an outage later on does not stop it. `tick` is monotonic, in ms. */
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
      if (seen === undefined) throw new Error('Redis was asked for its time and gave none');
      return Math.round(seen.at + tick() - seen.tick);
    },
  };
}

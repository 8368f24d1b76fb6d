import type { RedisClient } from './connection.ts';
import { redisErrorKind } from './errors.ts';

/**
 * The output of `INFO`; `undefined` if the user may not run it, as with `-@dangerous`: Handover works without it. Throws what
 * Redis throws.
 */
export async function infoOf(redis: RedisClient, section = 'default'): Promise<string | undefined> {
  try {
    return await redis.info(section);
  } catch (error) {
    const kind = redisErrorKind(error);
    if (kind === 'forbidden' || kind === 'missing-command') return undefined;
    throw error;
  }
}

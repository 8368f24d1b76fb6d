import type { RedisClient } from './connection.ts';
import { redisErrorKind } from './errors.ts';

/**
 * What `INFO` says. `undefined` where the user may not ask, as with `-@dangerous`: all works without, but what it tells is
 * not known. Throws what Redis throws.
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

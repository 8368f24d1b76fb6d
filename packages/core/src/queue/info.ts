import { Cluster } from 'ioredis';
import type { RedisClient } from './connection.ts';
import { redisErrorKind } from './redis-errors.ts';

/**
 * What `INFO` says; in a Cluster what every primary says, one after the other. `undefined` where the user may not ask, as
 * with `-@dangerous`: all works without, but what it tells is not known. Throws what Redis throws.
 */
export async function infoOf(redis: RedisClient, section = 'default'): Promise<string | undefined> {
  const primaries = redis instanceof Cluster ? redis.nodes('master') : [redis];
  try {
    return (await Promise.all(primaries.map((node) => node.info(section)))).join('\n');
  } catch (error) {
    const kind = redisErrorKind(error);
    if (kind === 'forbidden' || kind === 'missing-command') return undefined;
    throw error;
  }
}

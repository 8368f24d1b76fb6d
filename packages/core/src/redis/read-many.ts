import type { ChainableCommander } from 'ioredis';
import type { RedisClient } from './connection.ts';

/** Reads something of each key in one round trip, in order. `add` adds one command for a key. Throws what Redis throws. */
export async function readMany<T>(
  redis: RedisClient,
  keys: string[],
  add: (batch: ChainableCommander, key: string) => unknown,
): Promise<T[]> {
  if (keys.length === 0) return [];
  const batch = redis.pipeline();
  for (const key of keys) add(batch, key);
  const replies = (await batch.exec()) ?? [];
  return replies.map(([error, value]) => {
    if (error !== null) throw error;
    return value as T;
  });
}

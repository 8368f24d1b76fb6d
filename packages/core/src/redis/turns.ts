import type { RedisClient } from './connection.ts';

/**
 * Claims the sweep over these queues for `forMs`, if no other worker holds it. Workers with other queues sweep those. Throws what
 * Redis throws.
 */
export function claimSweep(
  redis: RedisClient,
  prefix: string,
  queues: string[],
  forMs: number,
): Promise<boolean> {
  return claim(redis, `${prefix}:sweep-turn:${queues.join('+')}`, forMs);
}

/** Claims the chore with this name for `forMs`, if no other worker holds it. Throws what Redis throws. */
export function claimChore(
  redis: RedisClient,
  prefix: string,
  name: string,
  forMs: number,
): Promise<boolean> {
  return claim(redis, `${prefix}:turn:${name}`, forMs);
}

async function claim(redis: RedisClient, key: string, forMs: number): Promise<boolean> {
  return (await redis.set(key, '1', 'PX', forMs, 'NX')) !== null;
}

import { type AccessWatch, infoOf, type RedisClient } from '@handover/core/redis';
import { redisFull, redisTrouble } from './failures.ts';

const FULL_FRACTION = 0.9;
const MEMORY_LOOK_EVERY_MS = 1_000;

/** The connection accepts commands now. */
export function isConnected(redis: RedisClient): boolean {
  return redis.status === 'ready';
}

export type RedisParts = { redis: RedisClient; access: Pick<AccessWatch, 'known'> };

/** Throws `redis-unavailable` at once if the connection is known to be down, or Redis denies what is needed. */
export function refuseWithoutRedis({ redis, access }: RedisParts): void {
  if (!isConnected(redis)) throw redisTrouble('lost');
  const found = access.known();
  if (found?.usable === false) throw redisTrouble(found.kind);
}

export type MemoryGuard = ReturnType<typeof createMemoryGuard>;

/** Rejects new transfers while Redis is near its memory limit; asks Redis at most once a second. */
export function createMemoryGuard(redis: RedisClient, now: () => number = () => performance.now()) {
  let lookedAt = Number.NEGATIVE_INFINITY;
  let latest: Promise<boolean> = Promise.resolve(false);

  async function look(): Promise<boolean> {
    return isNearlyFull((await infoOf(redis, 'memory')) ?? '');
  }

  /** Throws `redis-full` above nine tenths of `maxmemory`, or what Redis throws. */
  async function refuseWhenFull(): Promise<void> {
    if (now() - lookedAt >= MEMORY_LOOK_EVERY_MS) {
      lookedAt = now();
      latest = look();
      // Do not cache a failure: the next request asks again.
      latest.catch(() => {
        lookedAt = Number.NEGATIVE_INFINITY;
      });
    }
    if (await latest) throw redisFull();
  }

  return { refuseWhenFull };
}

/** Whether `INFO memory` shows more than nine tenths of the limit in use; false without a limit. */
export function isNearlyFull(info: string): boolean {
  const number = (field: string) => Number(new RegExp(`^${field}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
  const limit = number('maxmemory');
  return limit > 0 && number('used_memory') > limit * FULL_FRACTION;
}

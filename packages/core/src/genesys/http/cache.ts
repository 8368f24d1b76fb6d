import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisClient } from '../../redis/connection.ts';
import { type Lane, laneKeys } from '../../redis/keys.ts';
import type { Reading } from '../../transfer/ports.ts';

export type Cached = { kind: 'user' | 'queue' | 'person' | 'availability'; id: string; ttlMs: number };

/** A short-lived cache shared by all workers. */
export interface Cache {
  /** Returns the cached reading, else that of `load`; concurrent callers, in all processes, share one look-up. */
  remember<T>(what: Cached, load: () => Promise<Reading<T>>): Promise<Reading<T>>;
  /** Removes an entry that was contradicted. */
  forget(kind: Cached['kind'], id: string): Promise<void>;
}

const POLL_MS = 15;

/**
 * The cache in Redis. Only successful readings are cached, and none for `ttlMs` 0.
 * `lookUpMs`: how long other processes wait for a look-up in progress. Throws what Redis throws.
 */
export function createCache(redis: RedisClient, lane: Lane, lookUpMs: number): Cache {
  const keys = laneKeys(lane);
  const flights = new Map<string, Promise<Reading<unknown>>>();

  async function recall<T>(key: string, ttlMs: number): Promise<Reading<T> | undefined> {
    const [text, leftMs] = await Promise.all([redis.get(key), redis.pttl(key)]);
    if (text === null) return undefined;
    return { ok: true, value: JSON.parse(text) as T, ageMs: Math.max(0, ttlMs - leftMs), requests: [] };
  }

  async function load<T>({ kind, id, ttlMs }: Cached, read: () => Promise<Reading<T>>): Promise<Reading<T>> {
    const key = keys.cached(kind, id);
    const lock = keys.lookUp(kind, id);
    const mine = randomUUID();
    const waitUntil = performance.now() + lookUpMs;
    while ((await redis.set(lock, mine, 'PX', lookUpMs, 'NX')) === null) {
      if (performance.now() > waitUntil) return read();
      await sleep(POLL_MS);
      const known = await recall<T>(key, ttlMs);
      if (known !== undefined) return known;
    }
    try {
      // Another process may have finished its look-up just before we took the lock.
      const known = await recall<T>(key, ttlMs);
      if (known !== undefined) return known;
      const reading = await read();
      if (reading.ok) await redis.set(key, JSON.stringify(reading.value), 'PX', ttlMs);
      return reading;
    } finally {
      // Release only our own lock: it may have expired and been taken by another process.
      if ((await redis.get(lock)) === mine) await redis.del(lock);
    }
  }

  async function findOrLoad<T>(what: Cached, read: () => Promise<Reading<T>>) {
    return (await recall<T>(keys.cached(what.kind, what.id), what.ttlMs)) ?? (await load(what, read));
  }

  return {
    async remember<T>(what: Cached, read: () => Promise<Reading<T>>) {
      if (what.ttlMs === 0) return read();
      const key = keys.cached(what.kind, what.id);
      const flight = flights.get(key) as Promise<Reading<T>> | undefined;
      if (flight !== undefined) return { ...(await flight), requests: [] };
      const own = findOrLoad(what, read).finally(() => flights.delete(key));
      flights.set(key, own);
      return own;
    },
    async forget(kind, id) {
      await redis.del(keys.cached(kind, id));
    },
  };
}

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisClient } from '../../redis/connection.ts';
import { type Lane, laneKeys } from '../../redis/keys.ts';
import type { Reading } from '../../transfer/ports.ts';

/** Of each dialect; the same kind always holds the same form. */
type Kind =
  | ('user' | 'queue')
  | ('person' | 'status' | 'place' | 'observed' | 'wait' | 'emergency' | 'schedule' | 'schedules' | 'hours');

export type Cached = { kind: Kind; id: string; ttlMs: number };

/** `also`: what to look up as well; at most `most` in one look-up. */
export type CachedAmong = Cached & { also: readonly string[]; most: number };

/** A short-lived cache shared by all workers. */
export interface Cache {
  /** Returns the cached reading, else that of `load`; concurrent callers, in all processes, share one look-up. */
  remember<T>(what: Cached, load: () => Promise<Reading<T>>): Promise<Reading<T>>;
  /**
   * Like `remember` for one of many that one look-up reads: `load` gets the ids that are wanted now, those wanted lately in any
   * process, and `also`, and gives the value of each.
   */
  rememberAmong<T>(what: CachedAmong, load: ReadMany<T>): Promise<Reading<T>>;
  /** Removes an entry that was contradicted. */
  forget(kind: Cached['kind'], id: string): Promise<void>;
}

type Group = Omit<CachedAmong, 'id'>;
type ReadMany<T> = (ids: string[]) => Promise<Reading<Record<string, T>>>;
type Gathering = { ids: Set<string>; reading: Promise<Reading<Record<string, unknown>>> };

const POLL_MS = 15;
/** How long a look-up of many waits for others who want one of them too. */
const GATHER_MS = 10;
/** How long those wanted lately are remembered. */
const WANTED_LATELY_MS = 24 * 3_600_000;

/**
 * The cache in Redis. Only successful readings are cached, and none for `ttlMs` 0.
 * `lookUpMs`: how long other processes wait for a look-up in progress. Throws what Redis throws.
 */
export function createCache(redis: RedisClient, lane: Lane, lookUpMs: number): Cache {
  const keys = laneKeys(lane);
  const flights = new Map<string, Promise<Reading<unknown>>>();
  const gatherings = new Map<Kind, Gathering>();
  /** The latest look-up of many of each kind; settles when it is over, however it ended. */
  const lookUps = new Map<Kind, Promise<unknown>>();

  async function recall<T>(key: string, ttlMs: number): Promise<Reading<T> | undefined> {
    const [text, leftMs] = await Promise.all([redis.get(key), redis.pttl(key)]);
    if (text === null) return undefined;
    return { ok: true, value: JSON.parse(text) as T, ageMs: Math.max(0, ttlMs - leftMs), requests: [] };
  }

  /** Looks up under a lock; `known`: whether another process has, meanwhile. `keep` stores what was read. */
  async function look<R>(
    lock: string,
    known: () => Promise<R | undefined>,
    read: () => Promise<R>,
    keep: (value: R) => Promise<unknown>,
  ): Promise<R> {
    const mine = randomUUID();
    const waitUntil = performance.now() + lookUpMs;
    while ((await redis.set(lock, mine, 'PX', lookUpMs, 'NX')) === null) {
      if (performance.now() > waitUntil) return read();
      await sleep(POLL_MS);
      const found = await known();
      if (found !== undefined) return found;
    }
    try {
      // Another process may have finished its look-up just before we took the lock.
      const found = await known();
      if (found !== undefined) return found;
      const value = await read();
      await keep(value);
      return value;
    } finally {
      // Release only our own lock: it may have expired and been taken by another process.
      if ((await redis.get(lock)) === mine) await redis.del(lock);
    }
  }

  async function load<T>({ kind, id, ttlMs }: Cached, read: () => Promise<Reading<T>>): Promise<Reading<T>> {
    const key = keys.cached(kind, id);
    return look<Reading<T>>(
      keys.lookUp(kind, id),
      () => recall<T>(key, ttlMs),
      read,
      async (reading) => reading.ok && redis.set(key, JSON.stringify(reading.value), 'PX', ttlMs),
    );
  }

  /** Every one of these, if all are cached. */
  async function recallAll<T>(
    kind: Kind,
    ids: string[],
    ttlMs: number,
  ): Promise<Reading<Record<string, T>> | undefined> {
    const found = await Promise.all(ids.map((id) => recall<T>(keys.cached(kind, id), ttlMs)));
    const value: Record<string, T> = {};
    let ageMs = 0;
    for (const [index, id] of ids.entries()) {
      const one = found[index];
      if (one?.ok !== true) return undefined;
      value[id] = one.value;
      ageMs = Math.max(ageMs, one.ageMs);
    }
    return { ok: true, value, ageMs, requests: [] };
  }

  async function loadMany<T>({ kind, ttlMs, also, most }: Group, ids: string[], read: ReadMany<T>) {
    const wanted = keys.wantedLately(kind);
    return look<Reading<Record<string, T>>>(
      keys.lookUp(kind, '*'),
      () => recallAll<T>(kind, ids, ttlMs),
      async () => {
        const lately = await redis.lrange(wanted, 0, most - 1);
        return read([...new Set([...ids, ...lately, ...also])].slice(0, most));
      },
      async (reading) => {
        if (!reading.ok) return;
        const storing = redis.multi();
        for (const [id, value] of Object.entries(reading.value))
          storing.set(keys.cached(kind, id), JSON.stringify(value), 'PX', ttlMs);
        for (const id of ids) storing.lrem(wanted, 0, id).lpush(wanted, id);
        await storing
          .ltrim(wanted, 0, most - 1)
          .pexpire(wanted, WANTED_LATELY_MS)
          .exec();
      },
    );
  }

  /** Those who want one of many share the next look-up, and wait for the one in progress; a failure is for all of them. */
  function gather<T>(group: Group, read: ReadMany<T>): Gathering {
    const { kind } = group;
    const ids = new Set<string>();
    const gathering: Gathering = {
      ids,
      reading: Promise.all([sleep(GATHER_MS), lookUps.get(kind)]).then(() => {
        if (gatherings.get(kind) === gathering) gatherings.delete(kind);
        return loadMany(group, [...ids], read);
      }),
    };
    gatherings.set(kind, gathering);
    lookUps.set(
      kind,
      gathering.reading.catch(() => undefined),
    );
    return gathering;
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
    async rememberAmong<T>({ id, ...group }: CachedAmong, read: ReadMany<T>) {
      if (group.ttlMs === 0) return oneOf<T>(await read([id]), id);
      const known = await recall<T>(keys.cached(group.kind, id), group.ttlMs);
      if (known !== undefined) return known;
      const open = gatherings.get(group.kind);
      const joined = open !== undefined && open.ids.size < group.most ? open : undefined;
      const gathering = joined ?? gather(group, read);
      gathering.ids.add(id);
      const reading = (await gathering.reading) as Reading<Record<string, T>>;
      return oneOf(joined === undefined ? reading : { ...reading, requests: [] }, id);
    },
    async forget(kind, id) {
      await redis.del(keys.cached(kind, id));
    },
  };
}

function oneOf<T>(reading: Reading<Record<string, T>>, id: string): Reading<T> {
  return reading.ok ? { ...reading, value: reading.value[id] as T } : reading;
}

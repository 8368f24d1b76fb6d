import type { Bill } from '../billing/words.ts';
import type { HistoryLag, Pending, Versions } from '../history/ports.ts';
import type { StoredTransfer } from '../transfer/words.ts';
import { type RedisClient, redisNow } from './connection.ts';
import { type Lane, laneKeys } from './keys.ts';
import { readMany } from './read-many.ts';
import { loadScripts, pairs } from './scripts.ts';

/** How much longer what the history must still write is kept: for so long PostgreSQL may be away, in ms. */
const UNWRITTEN_MS = 30 * 24 * 3_600_000;

/** The arguments of a script about how long to keep what it writes. */
export function keptFor(retentionMs: number, keepsHistory: boolean | undefined) {
  if (keepsHistory !== true) return { keepMs: retentionMs, keepsHistory: '' };
  return { keepMs: retentionMs + UNWRITTEN_MS, keepsHistory: '1' };
}

type PendingParts = {
  retentionMs: number;
  get: (id: string) => Promise<StoredTransfer | undefined>;
};

/** What the history must still write in this lane. Throws what Redis throws. */
export function createPending(redis: RedisClient, lane: Lane, { retentionMs, get }: PendingParts): Pending {
  const runScript = loadScripts(redis);
  const keys = laneKeys(lane);

  async function oldest(key: string, limit: number): Promise<Versions> {
    const flat = await redis.zrange(key, '0', String(limit - 1), 'WITHSCORES');
    return pairs(flat).map(([id, version]) => ({ id, version: Number(version) }));
  }

  return {
    async transfers(limit) {
      const ids = await oldest(keys.historyTransfers, limit);
      const found = await Promise.all(
        ids.map(async ({ id, version }) => ({ version, stored: await get(id) })),
      );
      const items = found.flatMap(({ version, stored }) =>
        stored === undefined || stored.record.outcome === null ? [] : [{ ...stored, version }],
      );
      return { ids, items };
    },

    async bills(limit) {
      const ids = await oldest(keys.historyBills, limit);
      const found = await readMany<(string | null)[]>(
        redis,
        ids.map(({ id }) => keys.bill(id)),
        (batch, key) => batch.hmget(key, 'bill', 'billedAt'),
      );
      const items = found.flatMap(([text, billedAt]) =>
        text == null ? [] : [{ ...(JSON.parse(text) as Bill), billedAt: Number(billedAt) }],
      );
      return { ids, items };
    },

    async written(kind, ids) {
      await Promise.all(
        ids.map(({ id, version }) =>
          runScript('history/written', {
            keys:
              kind === 'transfers'
                ? { pending: keys.historyTransfers, record: keys.record(id), timeline: keys.timeline(id) }
                : { pending: keys.historyBills, record: keys.bill(id), timeline: keys.bill(id) },
            args: { id, version, retentionMs },
          }),
        ),
      );
    },
  };
}

/** How far the history is behind. Throws what Redis throws. */
export async function historyLag(redis: RedisClient, lane: Lane): Promise<HistoryLag> {
  const { historyTransfers, historyBills } = laneKeys(lane);
  const lists = [historyTransfers, historyBills];
  const [now, counts, firsts] = await Promise.all([
    redisNow(redis),
    Promise.all(lists.map((key) => redis.zcard(key))),
    Promise.all(lists.map((key) => redis.zrange(key, '0', '0', 'WITHSCORES'))),
  ]);
  const since = firsts.flatMap(([, at]) => (at === undefined ? [] : [Number(at)]));
  return {
    waiting: counts.reduce((sum, count) => sum + count, 0),
    lagMs: since.length === 0 ? 0 : Math.max(0, now - Math.min(...since)),
  };
}

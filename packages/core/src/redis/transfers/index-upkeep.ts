import { type RedisClient, redisNow } from '../connection.ts';
import { type Lane, laneKeys } from '../keys.ts';
import { loadScripts } from '../scripts.ts';
import { fixedIndexes, indexesOf } from './indexes.ts';
import { parseRecord } from './record.ts';

/** How many entries of an index one step looks at. */
const STEP = 200;
/** How many indexes by agent, target or key one pass visits. */
const INDEXES_A_PASS = 1_000;
/** How many entries one pass looks at in all, approximately. */
const ENTRIES_A_PASS = 100_000;
/** How many transfers of each list one pass checks for their indexes. */
const CHECKED_A_PASS = 2_000;

export type IndexUpkeep = ReturnType<typeof createIndexUpkeep>;

/** What the sweep does for the indexes of a lane's list. Each pass is bounded, and goes on where the last one ended. */
export function createIndexUpkeep(redis: RedisClient, lane: Lane, { retentionMs }: { retentionMs: number }) {
  const runScript = loadScripts(redis);
  const keys = laneKeys(lane);
  /** How many entries before the retention, whose records still exist, come first in an index. */
  const kept = new Map<string, number>();
  const places = new Map<string, number>();

  /** Removes entries whose record is gone. Throws what Redis throws. */
  async function trim(): Promise<void> {
    if ((await redis.exists(keys.indexes, keys.all)) === 0) return;
    const now = await redisNow(redis);
    const next = await redis.zrange(keys.indexes, '0', String(INDEXES_A_PASS - 1));
    let left = ENTRIES_A_PASS;
    for (const index of new Set([...fixedIndexes(keys), ...next])) {
      if (left <= 0) return;
      left -= await trimOne(index, now, left);
    }
  }

  async function trimOne(index: string, now: number, most: number): Promise<number> {
    let looked = 0;
    while (looked < most) {
      const skip = kept.get(index) ?? 0;
      const args = { before: now - retentionMs, skip, most: STEP, records: keys.record(''), now };
      const reply = await runScript('transfers/trim', { keys: { index, indexes: keys.indexes }, args });
      const [seen = 0, removed = 0] = reply as number[];
      looked += seen;
      if (seen < STEP) {
        kept.delete(index);
        return looked;
      }
      kept.set(index, skip + seen - removed);
    }
    return looked;
  }

  /**
   * Indexes transfers that an older version accepted, settled or replayed beside this one: open ones, dead letters, and those that
   * this version settled. To be removed in the version after the next. Throws what Redis throws.
   */
  async function indexMissing(): Promise<void> {
    const [due, dead, open, settled] = await Promise.all([
      next(keys.due),
      next(keys.dead),
      next(keys.openIndex),
      redis.srandmember(keys.unindexed, CHECKED_A_PASS),
    ]);
    const [ofDue, ofDead, outcomes] = await Promise.all([
      due.length === 0 ? [] : redis.zmscore(keys.openIndex, ...due),
      dead.length === 0 ? [] : redis.zmscore(keys.all, ...dead),
      Promise.all(open.map((id) => redis.hmget(keys.record(id), 'status', 'outcome'))),
    ]);
    const missing = [
      ...due.filter((_, place) => ofDue[place] === null),
      ...dead.filter((_, place) => ofDead[place] === null),
      ...open.filter((_, place) => outcomes[place]?.[0] == null || Boolean(outcomes[place]?.[1])),
      ...settled,
    ];
    for (const id of new Set(missing)) await indexOne(id);
  }

  /** The next members of a list, going round. */
  async function next(list: string): Promise<string[]> {
    const from = places.get(list) ?? 0;
    const ids = await redis.zrange(list, String(from), String(from + CHECKED_A_PASS - 1));
    places.set(list, ids.length < CHECKED_A_PASS ? 0 : from + ids.length);
    return ids;
  }

  async function indexOne(id: string): Promise<void> {
    const record = parseRecord(await redis.hgetall(keys.record(id)));
    const { ofAgent, ofTarget, ofKey } =
      record === undefined
        ? { ofAgent: keys.all, ofTarget: keys.all, ofKey: keys.all }
        : indexesOf(keys, record);
    await runScript('transfers/index', {
      keys: { ...keys, record: keys.record(id), ofAgent, ofTarget, ofKey },
      args: { id, ofStatus: keys.ofStatus(''), ofReason: keys.ofReason('') },
    });
  }

  return { trim, indexMissing };
}

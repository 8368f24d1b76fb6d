import type { DeadLetterReader, Place } from '../../actions/ports.ts';
import type { DeadLetter } from '../../transfer/dead-letter.ts';
import type { RedisClient } from '../connection.ts';
import { type Lane, laneKeys } from '../keys.ts';
import { pairs } from '../scripts.ts';
import { parseRecord } from './record.ts';

const READ_AT_ONCE = 250;

/** Reads the dead letters of a lane. Every function throws what Redis throws. */
export function createDeadLetterReader(redis: RedisClient, lane: Lane): DeadLetterReader {
  const keys = laneKeys(lane);

  async function read(places: Place[]): Promise<DeadLetter[]> {
    const found: DeadLetter[] = [];
    for (let from = 0; from < places.length; from += READ_AT_ONCE) {
      const chunk = places.slice(from, from + READ_AT_ONCE);
      const hashes = await Promise.all(chunk.map(({ id }) => redis.hgetall(keys.record(id))));
      hashes.forEach((hash, index) => {
        const record = parseRecord(hash);
        if (record !== undefined) found.push({ record, deadAt: chunk[index]?.at ?? 0 });
      });
    }
    return found;
  }

  /** Newest first; of the same millisecond, by id, descending. */
  async function places({
    from,
    to,
    after,
    limit,
  }: Parameters<DeadLetterReader['page']>[0]): Promise<Place[]> {
    const isAfterIn = after !== undefined && after.at < to;
    const newest = isAfterIn ? String(after.at) : `(${to}`;
    const found: Place[] = [];
    for (let offset = 0; found.length < limit; offset += limit) {
      const args = [newest, from, 'WITHSCORES', 'LIMIT', offset, limit] as const;
      const flat = await redis.zrevrangebyscore(keys.dead, ...args);
      const some = pairs(flat).map(([id, at]): Place => ({ id, at: Number(at) }));
      const isLater = ({ at, id }: Place) =>
        !isAfterIn || at < after.at || Buffer.compare(Buffer.from(id), Buffer.from(after.id)) < 0;
      found.push(...some.filter(isLater));
      if (some.length < limit) break;
    }
    return found.slice(0, limit);
  }

  return {
    async page(query) {
      const found = await places({ ...query, limit: query.limit + 1 });
      const next = found.length > query.limit ? found[query.limit - 1] : undefined;
      return { items: await read(found.slice(0, query.limit)), next };
    },

    async find(ids) {
      if (ids.length === 0) return [];
      const scores = await redis.zmscore(keys.dead, ...ids);
      return read(
        ids.flatMap((id, index) => (scores[index] == null ? [] : [{ id, at: Number(scores[index]) }])),
      );
    },
  };
}

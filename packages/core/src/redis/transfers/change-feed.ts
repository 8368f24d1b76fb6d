import type { RedisClient } from '../connection.ts';
import { type Lane, laneKeys } from '../keys.ts';
import { CHANGES_KEPT } from '../scripts.ts';

/** A change of a transfer. `at`: its place in the stream of changes. */
export type Change = { at: string; id: string };

export interface ChangeFeed {
  /** The place of the latest change. */
  latest(): Promise<string>;
  /**
   * The changes after this place, the oldest first, at most `count`; 'lost' if the stream no longer has this place, so that some may
   * be missing. Throws what Redis throws.
   */
  after(place: string, count: number): Promise<Change[] | 'lost'>;
}

/** Before the first change. */
const START = '0-0';
const PLACE = /^\d{1,15}-\d{1,15}$/;

/** The latest changes of all transfers of a lane, in their order. */
export function createChangeFeed(redis: RedisClient, lane: Lane): ChangeFeed {
  const { changes } = laneKeys(lane);
  return {
    async latest() {
      const [last] = await redis.xrevrange(changes, '+', '-', 'COUNT', 1);
      return last?.[0] ?? START;
    },

    async after(place, count) {
      if (!PLACE.test(place)) return 'lost';
      const found = await redis.xrange(changes, place, '+', 'COUNT', count + 1);
      if (place === START && (await redis.xlen(changes)) >= CHANGES_KEPT) return 'lost';
      // The oldest go first: while its own entry is there, so is everything after it.
      if (place !== START && found[0]?.[0] !== place) return 'lost';
      const news = place === START ? found : found.slice(1);
      return news.slice(0, count).map(([at, [, id = '']]) => ({ at, id }));
    },
  };
}

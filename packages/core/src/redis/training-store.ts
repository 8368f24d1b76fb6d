import type { Outcome } from '../transfer/words.ts';
import { type RedisClient, redisNow } from './connection.ts';
import { type Lane, laneKeys } from './keys.ts';

/** How a training run ends, as far as it is judged. */
export type RunEnd = Pick<Outcome, 'status' | 'reason' | 'isFallback'>;

/** A finished training run. `at` is epoch milliseconds by Redis' clock. */
export type TrainingRun = {
  /** Also the id of its simulated transfer. */
  id: string;
  at: number;
  /** Who submitted it: the name of the key. */
  by: string;
  trainee?: string | undefined;
  class?: string | undefined;
  scenario: string;
  transferType: string;
  hasFallback: boolean;
  /** What should come of it; absent if the sandbox does not tell. */
  expected?: RunEnd | undefined;
  /** `null`: it had no outcome when the wait ended. */
  ended: RunEnd | null;
  /** Whether it ended as expected. */
  met: boolean;
  /** What the trainee said would come of it. */
  predicted?: string | undefined;
  predictionMet?: boolean | undefined;
};

export type RunFilter = { trainee?: string | undefined; class?: string | undefined };
export type RunQuery = {
  from: number;
  to: number;
  after: { at: number; id: string } | undefined;
  limit: number;
};
export type RunPage = { items: TrainingRun[]; next: { at: number; id: string } | undefined };

/** Longer than a year of school. */
const KEPT_MS = 400 * 86_400_000;
const MOST_KEPT = 20_000;

/** The training runs of the simulated lane. Every function throws what Redis throws. */
export function createTrainingStore(redis: RedisClient, lane: Lane) {
  const keys = laneKeys(lane);

  const listsOf = ({ trainee, class: group }: RunFilter): string[] => [
    keys.runs(''),
    ...(trainee === undefined ? [] : [keys.runs(`trainee:${trainee}`)]),
    ...(group === undefined ? [] : [keys.runs(`class:${group}`)]),
  ];

  async function get(id: string): Promise<TrainingRun | undefined> {
    const text = await redis.get(keys.run(id));
    return text === null ? undefined : (JSON.parse(text) as TrainingRun);
  }

  return {
    /** Adds a run, dated now; returns it. The oldest ones are dropped. */
    async add(run: Omit<TrainingRun, 'at'>): Promise<TrainingRun> {
      const at = await redisNow(redis);
      const stored = { ...run, at };
      const writing = redis.multi().set(keys.run(run.id), JSON.stringify(stored), 'PX', KEPT_MS);
      for (const list of listsOf(run)) {
        writing.zadd(list, at, run.id).pexpire(list, KEPT_MS);
        writing.zremrangebyscore(list, '-inf', at - KEPT_MS).zremrangebyrank(list, 0, -MOST_KEPT - 1);
      }
      await writing.exec();
      return stored;
    },

    get,

    /** The runs of a trainee, a class, or both, newest first; a run whose record is gone is left out. */
    async page(filter: RunFilter, { from, to, after, limit }: RunQuery): Promise<RunPage> {
      // Both: the trainee's runs are few, so they are filtered by class.
      const [list = keys.runs('')] = listsOf({
        ...filter,
        ...(filter.trainee && { class: undefined }),
      }).reverse();
      const highest = after === undefined ? `(${to}` : String(Math.min(after.at, to - 1));
      const found = await redis.zrevrangebyscore(list, highest, from, 'WITHSCORES', 'LIMIT', 0, MOST_KEPT);
      const places = found.flatMap((id, index) =>
        index % 2 === 0 ? [{ id, at: Number(found[index + 1]) }] : [],
      );
      const isPast = ({ at, id }: { at: number; id: string }) =>
        after === undefined || at < after.at || (at === after.at && id < after.id);
      const items: TrainingRun[] = [];
      for (const place of places.filter(isPast)) {
        const run = await get(place.id);
        if (run === undefined || (filter.class !== undefined && run.class !== filter.class)) continue;
        if (items.length === limit) return { items, next: lastPlace(items) };
        items.push(run);
      }
      return { items, next: undefined };
    },
  };
}

function lastPlace(items: TrainingRun[]): { at: number; id: string } | undefined {
  const last = items.at(-1);
  return last && { at: last.at, id: last.id };
}

export type TrainingStore = ReturnType<typeof createTrainingStore>;

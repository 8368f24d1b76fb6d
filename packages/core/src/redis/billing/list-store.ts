import {
  type Bill,
  type BillingCode,
  type Discrepancy,
  type DiscrepancyName,
  discrepancyNames,
} from '../../billing/words.ts';
import { type RedisClient, redisNow } from '../connection.ts';
import { type Lane, laneKeys } from '../keys.ts';
import { readMany } from '../read-many.ts';
import { loadScripts, pairs } from '../scripts.ts';

export type BillView = Bill & {
  /** Epoch milliseconds. */
  billedAt: number;
};

export type DiscrepancyView = Discrepancy & { namedAt: number; healedAt: number | null };

/** An item of a list; `at` is epoch milliseconds. */
export type PagePlace = { at: number; id: string };

/** A half-open time range in epoch milliseconds, and the item after which to continue. */
export type PageQuery = { from: number; to: number; after: PagePlace | undefined; limit: number };

/** `next`: the item after which the next page continues; `undefined` on the last page. */
export type Page<T> = { items: T[]; next: PagePlace | undefined };

export type BillingReport = {
  days: { day: string; code: BillingCode; count: number }[];
  matched: number;
  synthesized: number;
  /** Transfers still waiting for their event, and events for their transfer. */
  waiting: number;
  open: Record<DiscrepancyName, number>;
};

export type BillingListStore = ReturnType<typeof createBillingListStore>;

/** Reads bills, discrepancies and reports. Every function throws what Redis throws. */
export function createBillingListStore(redis: RedisClient, lane: Lane) {
  const runScript = loadScripts(redis);
  const keys = laneKeys(lane);

  async function page<T>(
    key: string,
    { from, to, after, limit }: PageQuery,
    readAll: (ids: string[]) => Promise<(T | undefined)[]>,
  ): Promise<Page<T>> {
    // Read one more item, to know whether there is another page.
    const args = { from, to, afterAt: after?.at ?? '', afterId: after?.id ?? '', limit: limit + 1 };
    const flat = (await runScript('billing/page', { keys: { list: key }, args })) as string[];
    const found = pairs(flat).map(([id, at]): PagePlace => ({ id, at: Number(at) }));
    const shown = found.slice(0, limit);
    const items = await readAll(shown.map(({ id }) => id));
    const next = found.length > limit ? shown.at(-1) : undefined;
    return { items: items.filter((item) => item !== undefined), next };
  }

  async function readBills(ids: string[]): Promise<(BillView | undefined)[]> {
    const found = await readMany<(string | null)[]>(redis, ids, (batch, id) =>
      batch.hmget(keys.bill(id), 'bill', 'billedAt'),
    );
    return found.map(([text, billedAt]) =>
      text == null ? undefined : { ...(JSON.parse(text) as Bill), billedAt: Number(billedAt) },
    );
  }

  async function readDiscrepancies(ids: string[]): Promise<(DiscrepancyView | undefined)[]> {
    const found = await readMany<(string | null)[]>(redis, ids, (batch, id) =>
      batch.hmget(keys.discrepancy(id), 'discrepancy', 'namedAt', 'healedAt'),
    );
    return found.map(([text, namedAt, healedAt]) =>
      text == null
        ? undefined
        : {
            ...(JSON.parse(text) as Discrepancy),
            namedAt: Number(namedAt),
            healedAt: healedAt ? Number(healedAt) : null,
          },
    );
  }

  return {
    keys,
    /** Bills by the time of their event, oldest first. */
    bills: (query: PageQuery) => page(keys.bills, query, readBills),
    /** Discrepancies by detection time, oldest first, including resolved ones. */
    discrepancies: (query: PageQuery) => page(keys.discrepancies, query, readDiscrepancies),

    /** Over all workers and restarts. */
    async report(): Promise<BillingReport> {
      const [hash, expected, early, open] = await Promise.all([
        redis.hgetall(keys.billingReport),
        redis.zcard(keys.expected),
        redis.zcard(keys.early),
        openDiscrepancies(),
      ]);
      const days = Object.entries(hash).flatMap(([field, count]) => {
        const [day = '', code] = field.split(' ');
        return code === undefined ? [] : [{ day, code: code as BillingCode, count: Number(count) }];
      });
      return {
        days: days.sort((a, b) => (`${a.day}${a.code}` < `${b.day}${b.code}` ? -1 : 1)),
        matched: Number(hash.matched ?? 0),
        synthesized: Number(hash.synthesized ?? 0),
        waiting: expected + early,
        open,
      };
    },

    openDiscrepancies,

    /** Time since the last matching, in ms; `undefined` before the first one. */
    async matchAgeMs(): Promise<number | undefined> {
      const [matchedAt, now] = await Promise.all([redis.get(keys.matchedAt), redisNow(redis)]);
      return matchedAt === null ? undefined : now - Number(matchedAt);
    },

    /** The newest open discrepancies. */
    async newestOpen(limit: number): Promise<DiscrepancyView[]> {
      const ids = await Promise.all(
        discrepancyNames.map((name) => redis.zrevrange(keys.open(name), 0, limit - 1)),
      );
      const found = await readDiscrepancies(ids.flat());
      return found
        .filter((one) => one !== undefined)
        .sort((a, b) => b.namedAt - a.namedAt)
        .slice(0, limit);
    },
  };

  /** The number of open discrepancies per name. */
  async function openDiscrepancies(): Promise<Record<DiscrepancyName, number>> {
    const counts = await Promise.all(discrepancyNames.map((name) => redis.zcard(keys.open(name))));
    return Object.fromEntries(discrepancyNames.map((name, index) => [name, counts[index] ?? 0])) as Record<
      DiscrepancyName,
      number
    >;
  }
}

import { matches, type TransferFilter } from '../transfer/filter.ts';
import type { StoredTransfer, TransferRecord } from '../transfer/words.ts';
import { HistoryAway } from './away.ts';

type Place = { at: number; id: string };
type Query = { from: number; to: number; after: Place | undefined; limit: number };
type Item = Pick<StoredTransfer, 'record'> & Partial<StoredTransfer>;

/** Transfers newest first, those of one millisecond by id, descending (by its bytes). A page may be short. */
export type Recent = {
  page(filter: TransferFilter, query: Query): Promise<{ items: TransferRecord[]; next: Place | undefined }>;
  /** Those of these ids that are still known. */
  records(ids: string[]): Promise<TransferRecord[]>;
};

/** Settled transfers in PostgreSQL, in the same order. */
export type PastTransfers = {
  transfers(
    filter: TransferFilter,
    query: Query,
  ): Promise<{ items: StoredTransfer[]; next: Place | undefined }>;
  /** When the first transfer in it was accepted. */
  begin(): Promise<number | undefined>;
};

export type TransferList = {
  /** With its timeline only if it comes from the past. */
  items: Item[];
  next: Place | undefined;
  /** What of the range is missing, and why. */
  incomplete?: string | undefined;
};

/**
 * One page of the transfers in a range of acceptance times. `kept`: every transfer accepted since is still among the recent ones; a
 * page that reaches below goes on in the past, if there is one. One that both know is shown as the recent ones have it. Throws what
 * the two throw; but while the past is away, a range without a beginning ends with the recent ones, and says so.
 */
export async function listTransfers(
  { recent, past, kept }: { recent: Recent; past: PastTransfers | undefined; kept: number },
  filter: TransferFilter,
  query: Query,
): Promise<TransferList> {
  const { from, limit } = query;
  const isFromOpen = from === Number.MIN_SAFE_INTEGER;
  const page = await recent.page(filter, query);
  const items: Item[] = page.items.map((record) => ({ record }));
  if (past === undefined) {
    if (isFromOpen || from >= kept) return { items, next: page.next };
    const incomplete = `Redis has forgotten transfers accepted before ${iso(kept)} that have long ended (TRANSFER_RETENTION_MS); the history is not configured (HISTORY_DATABASE_URL).`;
    return { items, next: page.next, incomplete };
  }
  if (from >= kept || (page.next !== undefined && page.next.at >= kept)) return { items, next: page.next };

  const isNeeded = !isFromOpen || (query.after !== undefined && query.after.at < kept);
  const [earlier, begin] = await Promise.all([
    past.transfers(filter, { ...query, to: Math.min(query.to, kept) }).catch((error: unknown) => {
      if (isNeeded || !(error instanceof HistoryAway)) throw error;
      return error;
    }),
    isFromOpen ? undefined : past.begin(),
  ]);
  if (earlier instanceof HistoryAway) {
    const incomplete = `The history is away (${earlier.message}): what Redis has forgotten is missing.`;
    return { items, next: page.next, incomplete };
  }
  // Both are known down to here.
  const end = newest([page.next, earlier.next]);
  const reached = ({ record }: Item) => end === undefined || !isNewer(end, placeOf(record));
  const known = new Set(page.items.map(({ id }) => id));
  const added = earlier.items.filter((item) => reached(item) && !known.has(item.record.id));
  const merged = [...items.filter(reached), ...(await asTheyAreNow(recent, filter, added))].sort(
    (one, other) => (isNewer(placeOf(one.record), placeOf(other.record)) ? -1 : 1),
  );
  const last = merged.length > limit ? merged[limit - 1] : undefined;
  return {
    items: merged.slice(0, limit),
    next: last === undefined ? end : placeOf(last.record),
    ...(!isFromOpen && (begin === undefined || from < begin) && { incomplete: beginsLate(begin) }),
  };
}

/** What was stored may have changed since: one that was replayed is open again. */
async function asTheyAreNow(recent: Recent, filter: TransferFilter, stored: StoredTransfer[]) {
  const records = stored.length === 0 ? [] : await recent.records(stored.map(({ record }) => record.id));
  const known = new Map(records.map((record) => [record.id, record]));
  return stored.flatMap((item): Item[] => {
    const record = known.get(item.record.id);
    if (record === undefined) return [item];
    return matches(record, filter) ? [{ record }] : [];
  });
}

function beginsLate(begin: number | undefined): string {
  const begins = begin === undefined ? 'is empty' : `begins ${iso(begin)}`;
  return `The history ${begins}: what was accepted before is not in it.`;
}

function placeOf({ acceptedAt, id }: TransferRecord): Place {
  return { at: acceptedAt, id };
}

function newest(places: (Place | undefined)[]): Place | undefined {
  const given = places.filter((place) => place !== undefined);
  return given.sort((one, other) => (isNewer(one, other) ? -1 : 1))[0];
}

/** By acceptance, then by id, byte by byte, as Redis and PostgreSQL order them. */
function isNewer(one: Place, other: Place): boolean {
  return one.at === other.at
    ? Buffer.compare(Buffer.from(one.id), Buffer.from(other.id)) > 0
    : one.at > other.at;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

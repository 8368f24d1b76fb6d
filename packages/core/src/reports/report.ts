import { type Counts, sumOf } from './quality.ts';
import { type Stretch, stretchOf, type Unit, units, whatIsMissing } from './stretch.ts';

/** By what is counted besides all: the queue that was asked for, the agent, and the API key that submitted it. */
export const dimensions = ['queue', 'agent', 'key'] as const;
export type Dimension = (typeof dimensions)[number];

/** What each row of a report stands for. */
export const rowKinds = [...units, ...dimensions] as const;

/** Times are epoch milliseconds, `to` exclusive; absent ones are open. */
export type QualityQuery = {
  from?: number | undefined;
  to?: number | undefined;
  by?: (typeof rowKinds)[number] | undefined;
} & Partial<Record<Dimension, string | undefined>>;

/** The counts of hours or days, which begin at `starts`. Throws what Redis throws. */
export interface Counters {
  now(): Promise<number>;
  /** Since the first transfer. `since`: from when hours and days are counted, 0 if from the beginning. */
  total(): Promise<{ counts: Counts; since: number }>;
  /** Of each hour or day: of all transfers, or of those of one id. */
  each(unit: Unit, starts: number[], of?: { dimension: Dimension; id: string }): Promise<Counts[]>;
  /** Of every id, over all these hours or days. */
  byId(unit: Unit, starts: number[], dimension: Dimension): Promise<Map<string, Counts>>;
}

/** `at`: the beginning of its minute, hour or day. */
export type QualityRow = { at: number; counts: Counts } | { id: string; counts: Counts };

export type QualityAnswer =
  | {
      counts: Counts;
      /** Widened to whole hours or days; absent without a range. */
      range?: { from: number; to: number };
      rows?: QualityRow[];
      /** What is missing, and why. */
      incomplete?: string | undefined;
    }
  | { refused: { field: string; message: string } };

/** A range in epoch milliseconds, and any filters. */
export type PastQuery = Omit<QualityQuery, 'from' | 'to' | 'by'> & {
  from: number;
  to: number;
  by?: Exclude<QualityQuery['by'], 'minute'>;
};

/** Outcomes in PostgreSQL, which can be counted by several dimensions at once. Throws what PostgreSQL reports. */
export interface Past {
  /** `since`: from when outcomes are known; `undefined` if none is. Rows without outcomes may be missing. */
  quality(query: PastQuery): Promise<{ rows: QualityRow[]; since: number | undefined }>;
}

/**
 * The counts of the quality report: of all time, or of whole hours or days, with a row for each, or for each id of one dimension.
 * Combinations, and what is no longer kept, come from the past, if there is one. Throws what the counters and the past throw.
 */
export async function reportQuality(
  counters: Counters,
  query: QualityQuery,
  past?: Past,
): Promise<QualityAnswer> {
  const { by, from, to } = query;
  const [dimension, other] = dimensions.filter((name) => by === name || query[name] !== undefined);
  if (other !== undefined) {
    if (past !== undefined && by !== 'minute') return fromPast(past, { ...query, by }, await counters.now());
    const message = `cannot be combined with ${dimension}: each of ${dimensions.join(', ')} is counted by itself; combinations need the history (HISTORY_DATABASE_URL)`;
    return { refused: { field: query[other] === undefined ? 'by' : other, message } };
  }
  if (by === 'minute' && dimension !== undefined)
    return {
      refused: { field: 'by', message: `minutes are counted over all transfers, not by ${dimension}` },
    };
  const { counts, since } = await counters.total();
  const isWhole = [by, dimension, from, to].every((given) => given === undefined);
  if (isWhole) return { counts };

  const stretch = stretchOf({ from, to, unit: units.find((unit) => unit === by) }, await counters.now());
  const { range } = stretch;
  const incomplete = whatIsMissing(stretch, from, since);
  if (incomplete !== undefined && past !== undefined && by !== 'minute') {
    const earlier = await fromPast(past, { ...query, by }, await counters.now());
    if (earlier.incomplete === undefined) return earlier;
  }
  if (dimension !== undefined && by === dimension) {
    const rows = await rowsById(counters, stretch, dimension, query[dimension]);
    return { counts: sumOf(rows.map((row) => row.counts)), range, rows, incomplete };
  }
  const id = dimension && query[dimension];
  const of = dimension === undefined || id === undefined ? undefined : { dimension, id };
  const each = await counters.each(stretch.unit, stretch.starts, of);
  const rows = stretch.starts.map((at, index) => ({ at, counts: each[index] ?? {} }));
  return {
    ...{ counts: sumOf(each), range, incomplete },
    ...(by !== undefined && { rows: from === undefined ? fromFirstCounted(rows) : rows }),
  };
}

type Told = Exclude<QualityAnswer, { refused: unknown }>;

async function fromPast(
  past: Past,
  query: Omit<QualityQuery, 'by'> & Pick<PastQuery, 'by'>,
  now: number,
): Promise<Told> {
  const { by, from, to } = query;
  const { range } = stretchOf({ from, to, unit: units.find((unit) => unit === by) }, now);
  const { rows, since } = await past.quality({ ...query, ...range });
  const isMissing = from !== undefined && (since === undefined || range.from < since);
  const begins = since === undefined ? 'is empty' : `begins ${new Date(since).toISOString()}`;
  return {
    ...{ counts: sumOf(rows.map((row) => row.counts)), range },
    ...(by !== undefined && { rows }),
    ...(isMissing && { incomplete: `The history ${begins}: what ended before is not in it.` }),
  };
}

async function rowsById(
  counters: Counters,
  { unit, starts }: Stretch,
  dimension: Dimension,
  wanted: string | undefined,
) {
  const found = await counters.byId(unit, starts, dimension);
  return [...found]
    .filter(([id]) => wanted === undefined || wanted === id)
    .map(([id, counts]) => ({ id, counts }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

function fromFirstCounted<Row extends { counts: Counts }>(rows: Row[]): Row[] {
  const first = rows.findIndex(({ counts }) => Object.keys(counts).length > 0);
  return first < 0 ? [] : rows.slice(first);
}

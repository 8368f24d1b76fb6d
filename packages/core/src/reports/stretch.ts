export const units = ['minute', 'hour', 'day'] as const;
export type Unit = (typeof units)[number];

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const LENGTH_MS = { minute: 60_000, hour: HOUR_MS, day: DAY_MS };
/** As in transfers/add-up.lua. */
const KEPT_MS = { minute: 2 * HOUR_MS, hour: 35 * DAY_MS, day: 400 * DAY_MS };
const KEPT = { minute: 'two hours', hour: '35 days', day: '400 days' };

/** The minutes, hours or days that a report covers. Times are epoch milliseconds. */
export type Stretch = {
  unit: Unit;
  /** Of those that are kept. */
  starts: number[];
  /** Widened to whole minutes, hours or days, `to` exclusive. */
  range: { from: number; to: number };
  /** The beginning of the first that is kept. */
  kept: number;
};

/**
 * Whole hours or days that cover this range: days where it consists of them, or where its hours are no longer kept. An absent
 * `from` is the beginning of what is kept; an absent `to` is now.
 */
export function stretchOf(
  { from, to, unit }: { from?: number | undefined; to?: number | undefined; unit?: Unit | undefined },
  now: number,
): Stretch {
  const used = unit ?? usualUnit(from, to, now);
  const length = LENGTH_MS[used];
  const kept = down(now - KEPT_MS[used], length);
  const begin = from === undefined ? kept : down(from, length);
  const end = up(to ?? now + 1, length);
  const starts: number[] = [];
  for (let at = Math.max(begin, kept); at < Math.min(end, up(now + 1, length)); at += length) starts.push(at);
  return { unit: used, starts, range: { from: begin, to: end }, kept };
}

function usualUnit(from: number | undefined, to: number | undefined, now: number): Unit {
  const isWhole = [from, to].every((time) => time === undefined || time % DAY_MS === 0);
  const firstHour = now - KEPT_MS.hour;
  return isWhole || (from ?? 0) < firstHour ? 'day' : 'hour';
}

const down = (time: number, length: number) => Math.floor(time / length) * length;
const up = (time: number, length: number) => Math.ceil(time / length) * length;

/** What of the range cannot be told, in words; `undefined` if nothing. `since`: when counting by hour and day began. */
export function whatIsMissing(
  { unit, range, kept }: Stretch,
  from: number | undefined,
  since: number,
): string | undefined {
  if (from !== undefined && range.from < kept)
    return `Counts by ${unit} are kept for ${KEPT[unit]}: what ended before ${iso(kept)} is missing.`;
  if (Math.max(range.from, kept) < since)
    return `Hours and days are counted since ${iso(since)}: what ended before is only in the report without a range.`;
  return undefined;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** What the URL asks of the quality report. */

import { isReversed } from '../../ui/reversed.ts';

export const presets = {
  today: 'Today (UTC)',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '35d': 'Last 35 days',
  month: 'This month',
} as const;
export type Preset = keyof typeof presets;

export const groupings = {
  hour: 'Hour',
  day: 'Day',
  queue: 'Queue',
  agent: 'Agent',
  key: 'API key',
} as const;
export type Grouping = keyof typeof groupings;

export const filterNames = { queue: 'Queue', agent: 'Agent', key: 'API key' } as const;
export type FilterName = keyof typeof filterNames;

export type View = {
  /** One of the usual ranges, which move with the clock; or two dates, of which the second is included; or two times. */
  range: { preset: Preset } | { from: string; to?: string | undefined };
  by: Grouping;
  filters: Partial<Record<FilterName, string>>;
  /** What of the URL is left aside, and why, in words. */
  ignored: string[];
};

export type QualityQuery = { from: string; to?: string; by: Grouping } & Partial<Record<FilterName, string>>;

type Search = Readonly<Record<string, string>>;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Longer ranges have too many hours to look at first. */
const DAYS_BY_HOUR = 8;
const USUAL: Preset = '7d';
/** As the API takes them. */
const LONGEST_NAME = 200;

/** Reads the search of the URL; what is wrong in it is left aside and told. */
export function viewOf(search: Search): View {
  const ignored: string[] = [];
  const range = readRange(search, ignored);
  const filters: View['filters'] = {};
  for (const name of keysOf(filterNames)) {
    const value = search[name];
    if (value === undefined) continue;
    if (value.length <= LONGEST_NAME) filters[name] = value;
    else ignored.push(`${filterNames[name]}: longer than any name is.`);
  }
  const by = oneOf(groupings, search.by);
  if (search.by !== undefined && by === undefined)
    ignored.push(`“${search.by}” is nothing to group by: ${keysOf(groupings).join(', ')} are.`);
  return { range, by: by ?? usualGrouping(range), filters, ignored };
}

function readRange({ from, to, range }: Search, ignored: string[]): View['range'] {
  const [first, last] = [from, to].map((date) => (isDate(date) || isTime(date) ? date : undefined));
  for (const [name, date] of Object.entries({ from, to }))
    if (date !== undefined && !isDate(date) && !isTime(date))
      ignored.push(`${name}: “${date}” is no date such as 2026-11-20.`);
  if (first !== undefined) return { from: first, to: last };
  if (last !== undefined) ignored.push('A range by two dates needs the first one, from.');
  const preset = oneOf(presets, range);
  if (range !== undefined && preset === undefined)
    ignored.push(`“${range}” is no range: ${keysOf(presets).join(', ')} are.`);
  return { preset: preset ?? USUAL };
}

/** Hours or days, by the length of the range. */
export function usualGrouping(range: View['range']): Grouping {
  if ('preset' in range) return range.preset === '35d' || range.preset === 'month' ? 'day' : 'hour';
  if (range.to === undefined) return 'day';
  const days = (Date.parse(range.to) - Date.parse(range.from)) / DAY_MS + (isDate(range.to) ? 1 : 0);
  return days <= DAYS_BY_HOUR ? 'hour' : 'day';
}

/** What to ask the API for. `now`: epoch ms; the same within an hour gives the same. */
export function queryOf({ range, by, filters }: View, now: number): QualityQuery {
  if ('preset' in range) return { from: beginOf(range.preset, now), by, ...filters };
  return { from: range.from, ...(range.to !== undefined && { to: range.to }), by, ...filters };
}

function beginOf(preset: Preset, now: number): string {
  const hour = Math.floor(now / HOUR_MS) * HOUR_MS;
  const iso = (ms: number) => new Date(ms).toISOString();
  if (preset === 'today') return iso(now).slice(0, 10);
  if (preset === '24h') return iso(hour - 23 * HOUR_MS);
  if (preset === '7d') return iso(hour - (7 * 24 - 1) * HOUR_MS);
  if (preset === '35d') return iso(now - 34 * DAY_MS).slice(0, 10);
  return `${iso(now).slice(0, 7)}-01`;
}

/** The search of the URL that asks for this; the usual is left out. */
export function searchOf({ range, by, filters }: Omit<View, 'ignored'>): Record<string, string> {
  return { ...rangeIn(range), ...(by !== usualGrouping(range) && { by }), ...filters };
}

/** The part of the search that is the range. */
export function rangeIn(range: View['range']): Record<string, string> {
  if ('preset' in range) return { range: range.preset };
  return { from: range.from, ...(range.to !== undefined && { to: range.to }) };
}

/** The range in words. */
export function rangeInWords(range: View['range']): string {
  if ('preset' in range) {
    if (range.preset === 'today') return 'today (UTC)';
    return range.preset === 'month' ? 'this month' : `in the ${presets[range.preset].toLowerCase()}`;
  }
  const [from, to] = [inUtc(range.from), inUtc(range.to)];
  if (to === undefined) return `since ${from}`;
  return from === to ? `on ${from}` : `from ${from} to ${to}`;
}

/** A date as it is; `2026-11-21T04:00:00.000Z` as `2026-11-21 04:00 UTC`. */
function inUtc(text: string | undefined): string | undefined {
  return isTime(text) ? text.replace('T', ' ').replace(/:\d\d(\.\d{3})?Z$/, ' UTC') : text;
}

/**
 * The range of a report as one that does not move on: up to the last hour that is over, or the last day where rows are days. Pure.
 * @param told what the report says of its range
 * @param now epoch ms
 * @returns `undefined` if none of it is over
 */
export function fixedRange(
  { from, to }: { from: string; to: string },
  by: Grouping,
  now: number,
): View['range'] | undefined {
  const length = by === 'day' ? DAY_MS : HOUR_MS;
  const end = Math.min(Date.parse(to), Math.floor(now / length) * length);
  if (end <= Date.parse(from)) return undefined;
  if (by !== 'day') return { from, to: new Date(end).toISOString() };
  return { from: from.slice(0, 10), to: new Date(end - DAY_MS).toISOString().slice(0, 10) };
}

/**
 * What a range that does not move on leaves out of the one that does, as the end of a sentence. Pure.
 * @param to what the report says of its range
 * @param now epoch ms
 */
export function leftOutWords({ to }: { to: string }, by: Grouping, now: number): string {
  const length = by === 'day' ? DAY_MS : HOUR_MS;
  if (Date.parse(to) <= Math.floor(now / length) * length) return '';
  return by === 'day' ? ', without today, which is not over' : ', without this hour, which is not over';
}

/** The view with its days the right way round; `undefined` if they are so already. Rows that were not asked for follow the range. Pure. */
export function swapped({ range, by, ...more }: View): View | undefined {
  if ('preset' in range || range.to === undefined || !isReversed(range.from, range.to)) return undefined;
  const turned = { from: range.to, to: range.from };
  return { ...more, range: turned, by: by === usualGrouping(range) ? usualGrouping(turned) : by };
}

/** How many of queue, agent and key are asked for at once; more than one needs the history. */
export function dimensionsOf({ by, filters }: Pick<View, 'by' | 'filters'>): FilterName[] {
  return keysOf(filterNames).filter((name) => by === name || filters[name] !== undefined);
}

/** As the API gives times, such as 2026-11-21T04:00:00.000Z. */
function isTime(text: string | undefined): text is string {
  const isLike = text !== undefined && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/.test(text);
  return isLike && !Number.isNaN(Date.parse(text));
}

export function isDate(text: string | undefined): boolean {
  if (text === undefined || !/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

export function keysOf<Name extends string>(object: Readonly<Record<Name, unknown>>): Name[] {
  return Object.keys(object) as Name[];
}

function oneOf<Name extends string>(
  known: Readonly<Record<Name, unknown>>,
  text: string | undefined,
): Name | undefined {
  return keysOf(known).find((name) => name === text);
}

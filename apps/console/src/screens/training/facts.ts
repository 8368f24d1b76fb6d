import type { TimelineEntry } from '@handover/client';
import { inWords } from '../../ui/time.tsx';

const NAMES: Record<string, string> = {
  agent: 'Agent',
  call: 'Call',
  target: 'Target',
  fallback: 'Fallback',
  version: 'The call as read',
  sends: 'Sent with this note',
};

/** What an entry saw, decided and asked, as pairs of name and text. Pure. */
export function factsOf({ at, evidence = {}, ageMs, decided, detail, requests = [] }: TimelineEntry) {
  const facts = Object.entries(evidence).map(([name, value]): [string, string] => [
    NAMES[name] ?? name,
    textOf(value),
  ]);
  if (ageMs !== undefined && ageMs > 0)
    facts.push(['Oldest reading', `${inWords(ageMs)} old, from the cache`]);
  if (decided !== undefined) facts.push(['Then', withDurations(decided, at)]);
  if (detail !== undefined) facts.push(['In detail', withDurations(detail, at)]);
  if (requests.length > 0) facts.push(['Asked of Genesys', requests.map(requestWords).join('; ')]);
  return facts;
}

/** How long after the first entry this one was, in ms. Pure. */
export function msSince(first: TimelineEntry | undefined, { at }: TimelineEntry): number {
  return first === undefined ? 0 : Math.max(0, Date.parse(at) - Date.parse(first.at));
}

/** `until 2026-11-28T03:13:36.001Z` as `for 350 ms`, counted from the entry. Pure. */
export function withDurations(text: string, at: string): string {
  return text.replace(/until (\d{4}-\d\d-\d\dT[\d:.]+Z)/g, (as, until: string) => {
    const ms = Date.parse(until) - Date.parse(at);
    return Number.isNaN(ms) || ms < 0 ? as : `for ${inWords(ms)}`;
  });
}

function requestWords({ operation, status, ms }: NonNullable<TimelineEntry['requests']>[number]): string {
  return `${operation} ${status ?? 'without an answer'} (${inWords(ms)})`;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'type' in value && 'id' in value)
    return `${value.type} ${value.id}`;
  return JSON.stringify(value);
}

import type { Reason, TransferStatus } from '@handover/client';
import { reasons } from '../ui/reasons.ts';

/** What narrows a list of transfers, as the API names it. */
export type Filter = {
  callId?: string;
  status?: TransferStatus;
  reason?: Reason;
  target?: string;
  agent?: string;
  key?: string;
  from?: string;
  to?: string;
};

/** A filter, and what of a URL could not be part of it, in words: that is left out. */
export type Read<Filter> = { filter: Filter; ignored: string[] };

const STATUSES: Record<TransferStatus, true> = {
  queued: true,
  active: true,
  delayed: true,
  consulting: true,
  unconfirmed: true,
  transferred: true,
  rejected: true,
  expired: true,
  cancelled: true,
  failed: true,
};

/** The words of a closed set. */
export const wordsIn = <Word extends string>(known: Record<Word, true>) => Object.keys(known) as Word[];
export const statuses = wordsIn(STATUSES);

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^\d{4}-\d{2}-\d{2}T.+(Z|[+-]\d{2}:?\d{2})$/i;

/** Whether a text is a day, as date fields take it. */
export function isDay(text: string): boolean {
  return DAY.test(text);
}

function isTime(text: string): boolean {
  return (DAY.test(text) || TIME.test(text)) && !Number.isNaN(Date.parse(text));
}

/**
 * The word of a closed set that a URL's search gives under this name; one that is none is told to `ignored`.
 * @param search the plain texts behind the `?`
 */
export function wordOf<Word extends string>(
  search: Record<string, string>,
  name: string,
  words: Word[],
  ignored: string[],
): Word | undefined {
  const found = words.find((word) => word === search[name]);
  if (found === undefined && search[name]) ignored.push(`there is no ${name} “${search[name]}”`);
  return found;
}

/**
 * The filter of a URL's search.
 * @param search the plain texts behind the `?`
 */
export function filterOf(search: Record<string, string>): Read<Filter> {
  const ignored: string[] = [];
  const time = (name: 'from' | 'to'): string | undefined => {
    const text = search[name];
    if (!text || isTime(text)) return text;
    ignored.push(`“${text}” is no day or time (${name})`);
    return undefined;
  };
  const given = {
    status: wordOf(search, 'status', statuses, ignored),
    reason: wordOf(search, 'reason', reasons, ignored),
    ...{ callId: search.callId, agent: search.agent, target: search.target, key: search.key },
    ...{ from: time('from'), to: time('to') },
  };
  const filter: Filter = Object.fromEntries(Object.entries(given).filter(([, value]) => value));
  return { filter, ignored };
}

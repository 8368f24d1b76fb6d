import type { DeadLetter, Reason, ReplayMany, TransferStatus } from '@handover/client';

export type Kind = DeadLetter['kind'];

/** What narrows the list, as the API names it. */
export type Filter = {
  kind?: Kind;
  reason?: Reason;
  status?: TransferStatus;
  callId?: string;
  agent?: string;
  target?: string;
  key?: string;
  from?: string;
  to?: string;
};

/** What an action is done to, as the API takes it. */
export type Chosen = Omit<ReplayMany['filter'], 'billing'>;

const KINDS: Record<Kind, true> = { failed: true, unconfirmed: true, held: true, contradicted: true };

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

const REASONS: Record<Reason, true> = {
  'platform-unavailable': true,
  conflict: true,
  'workers-lost': true,
  'target-gave-up': true,
  'unreadable-job': true,
  'agent-not-on-call': true,
  'call-ended': true,
  'call-is-private': true,
  'call-moved': true,
  'call-not-found': true,
  'call-not-transferable': true,
  forbidden: true,
  'needs-user-token': true,
  'not-permitted': true,
  'refused-by-platform': true,
  'settled-by-operator': true,
  shadow: true,
  'target-unavailable': true,
};

const keysOf = <Key extends string>(known: Record<Key, true>) => Object.keys(known) as Key[];
export const kinds = keysOf(KINDS);
export const reasons = keysOf(REASONS);
const statuses = keysOf(STATUSES);

const TIME = /^\d{4}-\d{2}-\d{2}(T.+(Z|[+-]\d{2}:?\d{2}))?$/i;
const isTime = (text: string) => TIME.test(text) && !Number.isNaN(Date.parse(text));

/**
 * The filter of a URL's search, and what of it cannot be one, in words: that is left out.
 * @param search the plain texts behind the `?`
 */
export function filterOf(search: Record<string, string>): { filter: Filter; ignored: string[] } {
  const ignored: string[] = [];
  const oneOf = <Word extends string>(name: string, words: Word[]): Word | undefined => {
    const found = words.find((word) => word === search[name]);
    if (found === undefined && search[name]) ignored.push(`there is no ${name} “${search[name]}”`);
    return found;
  };
  const time = (name: 'from' | 'to'): string | undefined => {
    const text = search[name];
    if (!text || isTime(text)) return text;
    ignored.push(`“${text}” is no day or time (${name})`);
    return undefined;
  };
  const given = {
    kind: oneOf('kind', kinds),
    reason: oneOf('reason', reasons),
    status: oneOf('status', statuses),
    ...{ callId: search.callId, agent: search.agent, target: search.target, key: search.key },
    ...{ from: time('from'), to: time('to') },
  };
  const filter: Filter = Object.fromEntries(Object.entries(given).filter(([, value]) => value));
  return { filter, ignored };
}

/** All that match, as an action takes it: it wants at least one field. */
export function allOf(filter: Filter): Chosen {
  return Object.keys(filter).length === 0 ? { all: true } : filter;
}

const NAMES: Record<string, string> = {
  callId: 'call',
  agent: 'agent',
  target: 'target',
  key: 'API key',
  from: 'since',
  to: 'until',
};

/** What an action was done to, as label and value. Nothing stands for all of them. */
export function filterFacts(filter: Chosen & { billing?: boolean }): { name: string; value: string }[] {
  return Object.entries(filter).flatMap(([name, value]) => {
    if (name === 'billing' || name === 'all' || value === undefined) return [];
    if (Array.isArray(value)) return [{ name: 'chosen one by one', value: String(value.length) }];
    return [{ name: NAMES[name] ?? name, value: String(value) }];
  });
}

import type { Reason, TransferItem, TransferStatus } from '@handover/client';

/** What narrows the list, as the API names it. */
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
  'agent-not-on-call': true,
  'call-ended': true,
  'call-is-private': true,
  'call-moved': true,
  'call-not-found': true,
  'call-not-transferable': true,
  conflict: true,
  forbidden: true,
  'needs-user-token': true,
  'not-permitted': true,
  'platform-unavailable': true,
  'refused-by-platform': true,
  'settled-by-operator': true,
  shadow: true,
  'target-gave-up': true,
  'target-unavailable': true,
  'unreadable-job': true,
  'workers-lost': true,
};

export const statuses = Object.keys(STATUSES);
export const reasons = Object.keys(REASONS);

const isStatus = (text: string): text is TransferStatus => Object.hasOwn(STATUSES, text);
const isReason = (text: string): text is Reason => Object.hasOwn(REASONS, text);

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^\d{4}-\d{2}-\d{2}T.+(Z|[+-]\d{2}:?\d{2})$/i;
const DAY_MS = 86_400_000;

/** Whether a text is a day, as date fields take it. */
export function isDay(text: string): boolean {
  return DAY.test(text);
}

/**
 * The filter of a URL's search, and what of it cannot be one, in words: that is left out.
 * @param search the plain texts behind the `?`
 */
export function filterOf(search: Record<string, string>): { filter: Filter; ignored: string[] } {
  const { callId, target, agent, key, status = '', reason = '', from = '', to = '' } = search;
  const ignored: string[] = [];
  const filter: Filter = { ...(callId && { callId }), ...(target && { target }) };
  if (agent) filter.agent = agent;
  if (key) filter.key = key;
  if (isStatus(status)) filter.status = status;
  else if (status !== '') ignored.push(`there is no status “${status}”`);
  if (isReason(reason)) filter.reason = reason;
  else if (reason !== '') ignored.push(`there is no reason “${reason}”`);
  if (isTime(from)) filter.from = from;
  else if (from !== '') ignored.push(`“${from}” is no day or time to begin at`);
  if (isTime(to)) filter.to = to;
  else if (to !== '') ignored.push(`“${to}” is no day or time to end at`);
  return { filter, ignored };
}

/** Whether the list with this filter has the transfer. */
export function matches(item: TransferItem, filter: Filter): boolean {
  const { request, outcome, actor } = item;
  return (
    isSame(filter.callId, request?.callId) &&
    isSame(filter.status, item.status) &&
    isSame(filter.reason, outcome?.reason) &&
    isSame(filter.target, request?.target.id) &&
    isSame(filter.agent, request?.userId) &&
    isSame(filter.key, actor.type === 'apiKey' ? actor.name : undefined) &&
    isWithin(Date.parse(item.acceptedAt), filter)
  );
}

function isTime(text: string): boolean {
  return (DAY.test(text) || TIME.test(text)) && !Number.isNaN(Date.parse(text));
}

function isSame(wanted: string | undefined, is: string | undefined): boolean {
  return wanted === undefined || wanted === is;
}

/** A day counts as a whole, in UTC; a time as an end does not count. */
function isWithin(at: number, { from, to }: Filter): boolean {
  const begin = from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(from);
  const end = to === undefined ? Number.POSITIVE_INFINITY : Date.parse(to) + (DAY.test(to) ? DAY_MS : 0);
  return at >= begin && at < end;
}

import {
  type Callback,
  type FollowUp,
  type StoredTransfer,
  shownTransfer,
  type TimelineEntry,
  tell,
  type WaitingFor,
  waitingFor,
} from '@handover/core/transfer';
import type { Shown } from './shown.ts';

/** A transfer as sent over HTTP, with its timeline. */
export function transferView(transfer: StoredTransfer, shown: Shown) {
  return { ...itemView(transfer, shown), timeline: transfer.timeline.map(entryView) };
}

/**
 * A transfer in a list: times in ISO 8601, the request in its original shape. `timeline`: for the story only. The mode is that of
 * this API, and so of all its transfers.
 */
export function itemView(
  { record, timeline }: Partial<StoredTransfer> & Pick<StoredTransfer, 'record'>,
  shown: Shown,
) {
  const waiting = waitingFor(record, shown.pace);
  return {
    ...shownTransfer(record),
    story: tell({ record, waiting, timeline }),
    ...(waiting !== undefined && { waitingFor: waitingView(waiting) }),
    ...(shown.mode === 'shadow' && { shadow: true as const }),
    ...(record.followUps.length > 0 && { followUps: record.followUps.map(followUpView) }),
    ...(record.callbacks.length > 0 && { callbacks: record.callbacks.map(callbackView) }),
  };
}

function waitingView({ reason, until }: WaitingFor) {
  return { reason, ...(until !== undefined && { until: iso(until) }) };
}

/** A follow-up as sent over HTTP; `data` is internal to the dialect. */
function followUpView({ data: _, dueAt, giveUpAt, ...rest }: FollowUp) {
  return { ...rest, dueAt: iso(dueAt), giveUpAt: iso(giveUpAt) };
}

/** The deliveries of a callback as sent over HTTP, without its message. */
export function callbackView({ shows: _, at, giveUpAt, nextAt, tries, ...rest }: Callback) {
  return {
    ...rest,
    at: iso(at),
    tries: tries.map((one) => ({ ...one, at: iso(one.at) })),
    ...(rest.state === 'waiting' && { nextAt: iso(nextAt), giveUpAt: iso(giveUpAt) }),
  };
}

/** A timeline entry as sent over HTTP. */
export function entryView({ since, ...entry }: TimelineEntry) {
  return { ...entry, at: iso(entry.at), ...(since !== undefined && { since: iso(since) }) };
}

/** The path of a transfer. */
export function transferPath(id: string): string {
  return `/api/transfers/${encodeURIComponent(id)}`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

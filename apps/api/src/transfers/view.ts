import type { FollowUp, Mode, StoredTransfer, TimelineEntry, TransferRequest } from '@handover/core/transfer';

/**
 * A transfer as sent over HTTP: times in ISO 8601, the request in its original shape. `mode`: of this API, and so of all its
 * transfers.
 */
export function transferView({ record, timeline }: StoredTransfer, mode: Mode) {
  const { id, status, outcome, attempts, actor } = record;
  return {
    id,
    status,
    ...(mode === 'shadow' && { shadow: true as const }),
    request: record.request === null ? null : requestView(record.request),
    outcome,
    attempts,
    acceptedAt: iso(record.acceptedAt),
    expiresAt: iso(record.expiresAt),
    actor,
    ...(record.followUps.length > 0 && { followUps: record.followUps.map(followUpView) }),
    timeline: timeline.map(entryView),
  };
}

/** A follow-up as sent over HTTP; `data` is internal to the dialect. */
function followUpView({ data: _, dueAt, giveUpAt, ...rest }: FollowUp) {
  return { ...rest, dueAt: iso(dueAt), giveUpAt: iso(giveUpAt) };
}

/** A timeline entry as sent over HTTP. */
export function entryView({ since, ...entry }: TimelineEntry) {
  return { ...entry, at: iso(entry.at), ...(since !== undefined && { since: iso(since) }) };
}

/** The path of a transfer. */
export function transferPath(id: string): string {
  return `/api/transfers/${encodeURIComponent(id)}`;
}

function requestView({ notBefore, expiresAt, ...rest }: TransferRequest) {
  return {
    ...rest,
    ...(notBefore !== undefined && { notBefore: iso(notBefore) }),
    ...(expiresAt !== undefined && { expiresAt: iso(expiresAt) }),
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

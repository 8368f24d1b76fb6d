import type { FollowUp, StoredTransfer, TimelineEntry, TransferRequest } from '@handover/core/transfer';

/** A transfer as it goes over HTTP: times in ISO 8601, the request in the shape it came in. */
export function transferView({ record, timeline }: StoredTransfer) {
  const { id, status, outcome, attempts, actor } = record;
  return {
    id,
    status,
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

/** A step after the outcome as it goes over HTTP; `data` is the dialect's own. */
function followUpView({ data: _, dueAt, giveUpAt, ...rest }: FollowUp) {
  return { ...rest, dueAt: iso(dueAt), giveUpAt: iso(giveUpAt) };
}

/** One entry of a timeline as it goes over HTTP. */
export function entryView({ since, ...entry }: TimelineEntry) {
  return { ...entry, at: iso(entry.at), ...(since !== undefined && { since: iso(since) }) };
}

/** Where a transfer is found. */
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

import type { TransferRequest } from './request.ts';
import type { TransferRecord } from './words.ts';

type Shown = Pick<
  TransferRecord,
  'id' | 'status' | 'request' | 'outcome' | 'attempts' | 'acceptedAt' | 'expiresAt' | 'actor'
>;

/** A transfer as outsiders see it: times in ISO 8601, the request in its original shape. */
export function shownTransfer({ id, status, request, outcome, attempts, actor, ...times }: Shown) {
  return {
    id,
    status,
    request: request === null ? null : shownRequest(request),
    outcome,
    attempts,
    acceptedAt: iso(times.acceptedAt),
    expiresAt: iso(times.expiresAt),
    actor,
  };
}

function shownRequest({ notBefore, expiresAt, ...rest }: TransferRequest) {
  return {
    ...rest,
    ...(notBefore !== undefined && { notBefore: iso(notBefore) }),
    ...(expiresAt !== undefined && { expiresAt: iso(expiresAt) }),
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

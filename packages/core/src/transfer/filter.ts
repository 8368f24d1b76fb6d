import type { Reason, Status, TransferRecord } from './words.ts';

/** Which transfers a list shows: those that match every given filter. */
export type TransferFilter = {
  callId?: string | undefined;
  status?: Status | undefined;
  reason?: Reason | undefined;
  /** The id of the target that was asked for. */
  target?: string | undefined;
  /** The `userId` of the request. */
  agent?: string | undefined;
  /** The name of the API key. */
  key?: string | undefined;
};

/** Whether a transfer matches. Pure. */
export function matches(record: TransferRecord, filter: TransferFilter): boolean {
  const { request, actor, status, outcome } = record;
  const facts: TransferFilter = {
    callId: request?.callId,
    status,
    reason: outcome?.reason,
    target: request?.target.id,
    agent: request?.userId,
    key: actor.type === 'apiKey' ? actor.name : undefined,
  };
  return Object.entries(filter).every(
    ([name, wanted]) => wanted === undefined || facts[name as keyof TransferFilter] === wanted,
  );
}

import type { Bill } from '../billing/words.ts';
import { storable } from '../postgres/storable.ts';
import type { Outcome, StoredTransfer } from '../transfer/words.ts';

/** `version` grows with every change of the settled transfer; epoch milliseconds of the latest. */
export type SettledTransfer = StoredTransfer & { version: number };

export type BilledBill = Bill & { billedAt: number };

/** A row of handover_transfers, for jsonb_to_recordset; `undefined` if the transfer is open again. */
export function transferRow({ record, timeline, version }: SettledTransfer) {
  const { id, request, actor, outcome, conflicts, settledAt, endings = [] } = record;
  if (outcome === null) return undefined;
  return storable({
    ...{ id, version },
    call_id: request?.callId,
    agent: request?.userId,
    api_key: actor.type === 'apiKey' ? actor.name : undefined,
    transfer_type: request?.transferType,
    target_type: request?.target.type,
    target_id: request?.target.id,
    moved_to_type: outcome.target?.type,
    moved_to_id: outcome.target?.id,
    status: outcome.status,
    reason: outcome.reason,
    fallback: outcome.isFallback === true,
    confirmed_by: outcome.confirmedBy,
    contradicted: timeline.some(({ step }) => step === 'contradicted'),
    attempts: record.attempts,
    conflicts,
    accepted_at: iso(record.acceptedAt),
    settled_at: iso(settledAt),
    metadata: request?.metadata,
    endings: [
      ...endings.map((ending) => endingOf(ending.outcome, ending.conflicts, ending.settledAt, true)),
      endingOf(outcome, conflicts, settledAt, false),
    ],
    timeline,
    record,
  });
}

function endingOf(
  { status, reason, isFallback }: Outcome,
  conflicts: number,
  settledAt: number,
  replayed: boolean,
) {
  return { status, reason, fallback: isFallback === true, conflicts, replayed, ended_at: iso(settledAt) };
}

/** A row of handover_bills. */
export function billRow({ billedAt, ...bill }: BilledBill) {
  return storable({
    id: bill.id,
    event_id: bill.eventId,
    call_id: bill.callId,
    transfer_type: bill.transferType,
    target_id: bill.target.id,
    target_type: bill.target.type,
    occurred_at: bill.timestamp,
    billing_code: bill.billingCode,
    transfer_id: bill.transferId,
    metadata: bill.metadata,
    synthesized: bill.synthesized === true,
    billed_at: iso(billedAt),
    bill,
  });
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

import type { StoredTransfer } from '@handover/core/transfer';
import type { LedgerEntry, Sandbox } from '@handover/sandbox';

/**
 * Compares the outcomes with the sandbox's ledger, one transfer per call.
 * Returns the contradictions: moved twice, `transferred` without an effect, another outcome although it
 * happened, another target, no outcome. Every promise requires none.
 */
export function contradictions(sandbox: Sandbox, transfers: StoredTransfer[]): string[] {
  const effects = new Map<string, LedgerEntry[]>();
  for (const entry of sandbox.ledger.entries())
    if (entry.by === 'api') effects.set(entry.callId, [...(effects.get(entry.callId) ?? []), entry]);
  return transfers.flatMap(({ record: { id, status, outcome, request } }) => {
    const moves = effects.get(request?.callId ?? '') ?? [];
    const about = `${id} (${request?.callId})`;
    if (moves.length > 1) return [`${about} was moved ${moves.length} times`];
    if (outcome === null) return [`${about} has no outcome: ${status}, ${moves.length} effect(s)`];
    const happened = moves.length === 1;
    if (happened !== (outcome.status === 'transferred'))
      return [`${about} ended ${outcome.status} (${outcome.reason ?? '-'}) with ${moves.length} effect(s)`];
    const [move] = moves;
    if (
      move !== undefined &&
      (move.target.id !== outcome.target?.id || move.target.type !== outcome.target.type)
    )
      return [`${about} says ${JSON.stringify(outcome.target)}, the ledger ${JSON.stringify(move.target)}`];
    return [];
  });
}

/** The number of transfers by outcome. */
export function tally(transfers: StoredTransfer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { record } of transfers) {
    const key = record.outcome?.confirmedBy
      ? `${record.status} by ${record.outcome.confirmedBy}`
      : record.status;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

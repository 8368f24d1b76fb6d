import { matches, type TransferFilter } from './filter.ts';
import type { TransferRecord } from './words.ts';

/**
 * `failed`: it did not happen. `unconfirmed`: its result stayed unknown for too long. `held`: Redis may have lost the record of a
 * sending. `contradicted`: it had ended otherwise, and then proved to have happened.
 */
export const deadLetterKinds = ['failed', 'unconfirmed', 'held', 'contradicted'] as const;
export type DeadLetterKind = (typeof deadLetterKinds)[number];

/** A transfer that needs an operator, and since when (epoch milliseconds by Redis' clock). */
export type DeadLetter = { record: TransferRecord; deadAt: number };

export function deadLetterKind({ outcome, held, contradictedAt = 0 }: TransferRecord): DeadLetterKind {
  if (outcome === null) return held === null ? 'unconfirmed' : 'held';
  return contradictedAt > 0 ? 'contradicted' : 'failed';
}

/** Which dead letters are meant: those that match every given field. */
export type DeadLetterFilter = TransferFilter & { kind?: DeadLetterKind | undefined };

/** Whether a dead letter matches. Pure. */
export function matchesDeadLetter(record: TransferRecord, { kind, ...filter }: DeadLetterFilter): boolean {
  return (kind === undefined || deadLetterKind(record) === kind) && matches(record, filter);
}

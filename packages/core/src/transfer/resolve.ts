import { isOpen } from './intents.ts';
import type { Journal, SettledFacts } from './ports.ts';
import { type Actor, actorLabel, type Outcome, type TransferRecord } from './words.ts';

export type Resolution =
  | { resolved: true; outcome: Outcome; facts: SettledFacts }
  | { resolved: false; why: 'unknown' | 'not-unconfirmed' };

/**
 * A person settles what stayed unconfirmed: it happened, or it did not.
 * @param record the transfer as it was last read; only for where its latest intent wanted the call, or, where Redis forgot
 *   that, where the request does
 * @param word   what the person says, and why; kept in the timeline
 */
export async function resolve(
  journal: Pick<Journal, 'settle'>,
  record: TransferRecord,
  actor: Actor,
  word: { happened: boolean; reason: string },
): Promise<Resolution> {
  const held =
    record.held && record.request ? { target: record.request.target, isFallback: false } : undefined;
  const sent = record.intents.findLast(isOpen) ?? held;
  const outcome: Outcome = word.happened
    ? {
        status: 'transferred',
        confirmedBy: 'operator',
        target: sent?.target,
        isFallback: sent?.isFallback,
        detail: word.reason,
      }
    : { status: 'failed', reason: 'settled-by-operator', detail: word.reason };
  const entry = {
    at: 0,
    step: 'outcome',
    by: actorLabel(actor),
    rule: 'a person settled it',
    decided: outcome.status,
    detail: word.reason,
  } as const;
  const settlement = { guard: 'operator', outcome, deadLetter: false, actor } as const;
  const settled = await journal.settle(record.id, settlement, [entry]);
  if (settled.settled) return { resolved: true, outcome, facts: settled.facts };
  return { resolved: false, why: settled.why === 'unknown' ? 'unknown' : 'not-unconfirmed' };
}

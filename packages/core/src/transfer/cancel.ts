import type { Journal, SettledFacts } from './ports.ts';
import { type Actor, actorLabel } from './words.ts';

export type Cancellation =
  /** `facts` are there when this call is the one that ended it, and absent when it was cancelled before. */
  { cancelled: true; facts?: SettledFacts | undefined } | { cancelled: false; why: 'unknown' | 'too-late' };

/**
 * Cancels what was not sent: fails once an intent stands or an outcome is there, and then changes nothing.
 * Throws what the journal throws.
 */
export async function cancel(
  journal: Pick<Journal, 'settle'>,
  id: string,
  actor: Actor,
): Promise<Cancellation> {
  const outcome = { status: 'cancelled' } as const;
  const entry = { at: 0, step: 'outcome', by: actorLabel(actor), decided: 'cancelled' } as const;
  const settled = await journal.settle(id, { guard: 'unsent', outcome, deadLetter: false, actor }, [entry]);
  if (settled.settled) return { cancelled: true, facts: settled.facts };
  if (settled.why === 'already' && settled.outcome.status === 'cancelled') return { cancelled: true };
  return { cancelled: false, why: settled.why === 'unknown' ? 'unknown' : 'too-late' };
}

import type { Journal, SettledFacts } from './ports.ts';
import { type Actor, actorLabel } from './words.ts';

export type Expiry = { expired: true; facts: SettledFacts } | { expired: false; why: string };

/** Expires a transfer past its deadline of which nothing was sent; costs no Genesys request. Throws what the journal throws. */
export async function expire(journal: Pick<Journal, 'settle'>, id: string, actor: Actor): Promise<Expiry> {
  const outcome = { status: 'expired' } as const;
  const entry = {
    at: 0,
    step: 'outcome',
    by: actorLabel(actor),
    rule: 'past the deadline',
    decided: 'expired',
  } as const;
  const settled = await journal.settle(id, { guard: 'overdue', outcome, deadLetter: false, actor }, [entry]);
  return settled.settled ? { expired: true, facts: settled.facts } : { expired: false, why: settled.why };
}

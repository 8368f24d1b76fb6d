import type { Transfer } from '@handover/client';

export type BillRange = { from: string; to: string };

/** Genesys’ clock, whose times the bills have, may differ from ours by this. */
const SKEW_MS = 60_000;

/** When the bill of a transfer may be, by its sendings; `undefined` if nothing can have been billed. */
export function billRangeOf({
  outcome,
  timeline,
}: Pick<Transfer, 'outcome' | 'timeline'>): BillRange | undefined {
  const hasHappened = timeline.some(({ step }) => step === 'contradicted');
  if (outcome?.status !== 'transferred' && !hasHappened) return undefined;
  const sent = timeline
    .filter(({ step }) => step === 'intent' || step === 'sent')
    .map(({ at }) => Date.parse(at));
  const end = timeline.findLast(({ step }) => step === 'outcome' || step === 'contradicted');
  const first = timeline[0];
  if (first === undefined) return undefined;
  const from = Math.min(...(sent.length === 0 ? [Date.parse(first.at)] : sent)) - SKEW_MS;
  const to = Math.max(...sent, Date.parse((end ?? first).at)) + SKEW_MS;
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}

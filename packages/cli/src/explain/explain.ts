import type { BillingRecord, Transfer } from '@handover/client';
import { whatFollows } from './follows.ts';
import { sentenceOf } from './sentences.ts';

/** What is told about a transfer. `bill`: `null` if none was found; absent where nobody looked. */
export type Told = { transfer: Transfer; bill?: BillingRecord | null | undefined };

export type ToldStep = { at: string; afterMs: number; step: string; text: string };

export type Explanation = Pick<Transfer, 'id' | 'status' | 'story'> & {
  /** What happened, one sentence each; `afterMs` since the acceptance. */
  steps: ToldStep[];
  follows: string[];
};

/** Tells a transfer as a person would: what happened step by step, and what follows. Pure. */
export function explain({ transfer, bill }: Told): Explanation {
  const { id, status, story, timeline } = transfer;
  return {
    ...{ id, status, story },
    steps: timeline.flatMap((entry) => toldStep(entry, transfer) ?? []),
    follows: whatFollows(transfer, bill),
  };
}

/** One entry of a timeline as a sentence; `undefined` where the next one says it all. */
export function toldStep(
  entry: Transfer['timeline'][number],
  transfer: Pick<Transfer, 'request' | 'acceptedAt' | 'expiresAt'>,
): ToldStep | undefined {
  const text = sentenceOf(entry, transfer);
  if (text === undefined) return undefined;
  const { at, step } = entry;
  return { at, afterMs: Date.parse(at) - Date.parse(transfer.acceptedAt), step, text };
}

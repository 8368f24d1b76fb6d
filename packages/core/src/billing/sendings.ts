import { sameTarget } from '../transfer/compare.ts';
import type { LeftToDo } from '../transfer/follow-up-words.ts';
import { isDoubtful, isInFlight } from '../transfer/intents.ts';
import type { Target, TransferType } from '../transfer/request.ts';
import { isMove } from '../transfer/steps.ts';
import type { Placement, TransferRecord } from '../transfer/words.ts';

/** A move that a transfer of ours made, or may have made. `at` is epoch milliseconds by Redis' clock. */
export type Sending = {
  transferId: string;
  at: number;
  transferType: TransferType;
  target: Target;
  isFallback: boolean;
  /** It is confirmed. */
  happened: boolean;
  /** It was sent, and its result is unknown. */
  doubt: boolean;
  /** The call's placement before. */
  before: Placement;
  /** What it leaves to be done, once it is seen to have happened. */
  leaves?: LeftToDo[] | undefined;
};

/** The sendings of a transfer: the confirmed one, else every intent that may have taken effect. */
export function sendingsOf(record: TransferRecord): Sending[] {
  const { id: transferId, intents, outcome, request, held } = record;
  if (outcome?.status === 'transferred') {
    const { target } = outcome;
    if (request === null || target === undefined) return [];
    const intent = intents.findLast((one) => isMove(one) && sameTarget(one.target, target));
    return [
      {
        transferId,
        at: intent?.at ?? record.settledAt,
        transferType: request.transferType,
        target,
        isFallback: outcome.isFallback === true,
        happened: true,
        doubt: false,
        before: intent?.before ?? {},
      },
    ];
  }
  // Redis may have lost the intent, so only the request shows what may have been sent.
  if (held !== null && request !== null) {
    const { target, fallback, transferType } = request;
    const unknown = { transferId, at: held.from, transferType, happened: false, doubt: true, before: {} };
    const wanted = { ...unknown, target, isFallback: false };
    return fallback === undefined ? [wanted] : [wanted, { ...unknown, target: fallback, isFallback: true }];
  }
  return intents
    .filter((intent) => isMove(intent) && (isDoubtful(intent) || isInFlight(intent)))
    .map((intent) => {
      const { at, transferType, target, isFallback, before, leaves } = intent;
      const sent = { transferId, at, transferType, target, isFallback, before, leaves };
      return { ...sent, happened: false, doubt: isDoubtful(intent) };
    });
}

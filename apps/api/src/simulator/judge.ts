import type { RunEnd } from '@handover/core/redis';
import type { Outcome } from '@handover/core/transfer';
import type { ScenarioTold } from './sandbox.ts';

/** What a trainee may predict. */
export const predictions = ['moved', 'moved-to-fallback', 'refused', 'failed'] as const;
export type Prediction = (typeof predictions)[number];

type Practised = { transferType: string; hasFallback: boolean; dialect: 'voice' | 'platform' };

const NEEDS_TOKEN: RunEnd = { status: 'rejected', reason: 'needs-user-token' };

/** How a run of this scenario should end; `undefined` if the sandbox does not tell. Pure. */
export function expectedEnd(
  told: ScenarioTold | undefined,
  { transferType, hasFallback, dialect }: Practised,
): RunEnd | undefined {
  // There it needs the agent's own token, whatever the scenario does.
  if (transferType === 'consult' && dialect === 'platform') return NEEDS_TOKEN;
  return hasFallback ? told?.expected : (told?.withoutFallback ?? told?.expected);
}

/** How it ended, as far as it is judged. Pure. */
export function endOf({ status, reason, isFallback }: Outcome): RunEnd {
  return {
    status,
    ...(reason && { reason }),
    ...(status === 'transferred' && { isFallback: isFallback === true }),
  };
}

/** Whether it ended as expected; false as long as one of both is unknown. Pure. */
export function isMet(expected: RunEnd | undefined, ended: RunEnd | null): boolean {
  if (expected === undefined || ended === null) return false;
  return (
    expected.status === ended.status &&
    expected.reason === ended.reason &&
    (expected.isFallback ?? false) === (ended.isFallback ?? false)
  );
}

/** Whether the trainee was right. Pure. */
export function isRight(predicted: Prediction, ended: RunEnd | null): boolean {
  if (ended?.status === 'transferred')
    return predicted === (ended.isFallback ? 'moved-to-fallback' : 'moved');
  return predicted === (ended?.status === 'rejected' ? 'refused' : 'failed');
}

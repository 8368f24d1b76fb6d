import type { Outcome, Reason, StoredTransfer } from '@handover/core/transfer';
import { Problem, type ProblemCode } from '../http/problems.ts';
import { entryView } from '../transfers/view.ts';
import type { runView } from './run-routes.ts';

type RunShown = ReturnType<typeof runView>;

const REFUSALS: readonly (Reason | undefined)[] = [
  ...(['not-permitted', 'call-is-private', 'forbidden', 'needs-user-token'] as const),
];

/**
 * The simulator's answer for a simulated transfer, with its training run. Throws a problem with the timeline and the reason unless the call was
 * moved, also if there is no outcome yet.
 */
export function simulatorAnswer(transfer: StoredTransfer | undefined, run: RunShown | undefined) {
  const timeline = transfer?.timeline.map(entryView) ?? [];
  const outcome = transfer?.record.outcome ?? null;
  if (outcome === null) {
    const detail =
      'The simulated transfer had no outcome yet when the wait ended, after at most 30 seconds. Is a worker running?';
    throw new Problem('simulated-transfer-failed', detail, { timeline, run });
  }
  if (outcome.status === 'transferred') {
    const { target, isFallback = false } = outcome;
    return { run, status: 'transferred' as const, target, isFallback, timeline };
  }
  const end = endOf(outcome);
  const detail = outcome.detail === undefined ? end : `${end} (${outcome.detail})`;
  const reason = outcome.reason ?? outcome.status;
  throw new Problem(codeOf(outcome), detail, { reason, timeline, run });
}

function codeOf({ status, reason }: Outcome): ProblemCode {
  if (status === 'rejected' && REFUSALS.includes(reason)) return 'simulated-transfer-refused';
  if (status === 'rejected' && reason === 'call-moved') return 'simulated-transfer-conflict';
  if (status === 'failed' && reason === 'conflict') return 'simulated-transfer-conflict';
  return 'simulated-transfer-failed';
}

function endOf({ status, reason }: Outcome): string {
  return reason === undefined ? status : `${status}: ${reason}`;
}

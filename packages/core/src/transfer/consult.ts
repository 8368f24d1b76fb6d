import { classify, describeFailure } from './classify.ts';
import { consultEnded, negative, transferred } from './ends.ts';
import { readCall } from './evidence.ts';
import { compareAndTell, followComparison } from './follow.ts';
import type { Next } from './next.ts';
import type { Call, Failure } from './ports.ts';
import type { Run } from './run.ts';
import { send } from './send.ts';
import { awaitProof, consulting, handBack, holdOff } from './waits.ts';
import type { Intent } from './words.ts';

/**
 * Continues a started consult: compares earlier end requests first, then completes the consult once the target has answered, or
 * cancels it if it cannot be completed (docs/rules.md). The deadline prevents neither.
 */
export async function carryOnConsult(run: Run, start: Intent): Promise<Next> {
  for (;;) {
    const seen = await readCall(run);
    const comparison = compareAndTell(run, seen);
    const waits = await followComparison(run, comparison, seen);
    if (waits !== undefined) return waits;
    if (comparison.found === 'not-yet') return awaitProof(run, comparison.rule);
    if (!seen.call.ok) return waitForCall(run, start, seen.call.failure);
    const decided = decideConsult(run, start, seen.call.value);
    run.story.tell({ step: 'decided', rule: decided.rule, decided: decided.do });
    if (decided.do === 'transferred') return transferred(run, start, 'reading', decided.rule);
    if (decided.do === 'ended') return consultEnded(run, decided.rule);
    if (decided.do === 'wait') return consulting(run, start, decided.rule);
    const { target, isFallback } = start;
    const sent = await send(
      run,
      { effect: decided.do, target, isFallback, call: seen.call.value },
      undefined,
    );
    if (sent === 'target-refused') return targetRefused(run);
    if (sent !== 'conflict') return sent;
    if (run.record.conflicts > run.ports.policy.conflictMaxRetries)
      return negative(run, { status: 'failed', reason: 'conflict' }, 'conflict retries used up');
  }
}

/** The consult cannot be completed: it is ended, and the transfer rejected. */
async function targetRefused(run: Run): Promise<Next> {
  const detail = run.refusedTargets.at(-1)?.why;
  return negative(
    run,
    { status: 'rejected', reason: 'target-unavailable', detail },
    'refused by the platform',
  );
}

type ConsultDecision = {
  do: 'consult-complete' | 'consult-cancel' | 'wait' | 'ended' | 'transferred';
  rule: string;
};

function decideConsult(run: Run, start: Intent, call: Call): ConsultDecision {
  const { is, words } = run.consults.standing(start, call);
  const { verdict } = run.record;
  if (is === 'completed') return { do: 'transferred', rule: words };
  if (is === 'over') return { do: 'ended', rule: words };
  if (verdict !== null) return { do: 'consult-cancel', rule: `${verdict.status}: ${words}` };
  if (is === 'lost') return { do: 'consult-cancel', rule: words };
  if (is === 'answered') return { do: 'consult-complete', rule: words };
  const isLate = run.now() >= start.at + run.consults.plan.longestMs;
  return isLate ? { do: 'consult-cancel', rule: 'not answered in time' } : { do: 'wait', rule: words };
}

/** Without a reading nothing is ended: the call is read again as planned. If the call is gone, so is its consult. */
async function waitForCall(run: Run, start: Intent, failure: Failure): Promise<Next> {
  if (failure.kind === 'held') return holdOff(run, failure);
  if (failure.kind === 'stopped') return handBack(run, 'shutting down between two steps');
  const classified = classify(failure, 'call');
  if (classified.follow === 'reject' && classified.reason === 'call-ended')
    return consultEnded(run, describeFailure(failure));
  return consulting(run, start, describeFailure(failure));
}

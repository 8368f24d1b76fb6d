import { classify } from './classify.ts';
import type { Comparison } from './compare.ts';
import { carryOnConsult } from './consult.ts';
import { type Decision, decide } from './decide.ts';
import { holdEffect, lookAgain, negative, retryLater } from './ends.ts';
import { callWords, readAll, readCall, readFallback, type Seen, type SeenCall } from './evidence.ts';
import { compareAndTell, followComparison, waitForReadableCall } from './follow.ts';
import { mayBeForgotten } from './forgotten.ts';
import { isInFlight } from './intents.ts';
import type { Next, RetryReason } from './next.ts';
import type { Begun } from './record-steps.ts';
import type { TargetType, TransferType } from './request.ts';
import { Run, type RunPorts } from './run.ts';
import { type SendDecision, type Sent, sameSending, send } from './send.ts';
import { consultUnderWay } from './steps.ts';
import type { RecordStore } from './stores.ts';
import { accepted, awaitProof, handBack, holdWhatMayBeMoved, park } from './waits.ts';
import type { Actor, Outcome, RequestNote, Step } from './words.ts';

export type AttemptInput = { id: string; actor: Actor; records: RecordStore } & Omit<RunPorts, 'records'>;

/** Everything about one attempt, for its log line and the counters. */
export type AttemptReport = {
  id: string;
  callId?: string | undefined;
  attempt: number;
  next: Next;
  requests: RequestNote[];
  retries: RetryReason[];
  conflicts: number;
  /** Accepted → effect sent, in ms; absent when nothing was sent. */
  effectLatencyMs?: number | undefined;
  ms: number;
  /** The last step, rule and decision of the attempt. */
  phase?: Step | undefined;
  rule?: string | undefined;
  decided?: string | undefined;
  transferType?: TransferType | undefined;
  targetType?: TargetType | undefined;
};

/**
 * Runs one attempt: read, compare with what was sent before, decide, fence, send (docs/rules.md).
 * Returns what the queue should do next; throws only on bugs and Redis failures.
 */
export async function attempt(input: AttemptInput): Promise<AttemptReport> {
  const { id, actor, records, ...ports } = input;
  const begun = await records.begin(id);
  if (!begun.begun)
    return { ...emptyReport(id, notBegun(begun)), rule: begun.why === 'held' ? begun.rule : undefined };
  const { record } = begun;
  if (record.request === null) return emptyReport(id, { do: 'nothing', why: 'the request is unknown' });
  const run = new Run(begun, record.request, actor, { ...ports, records });
  run.story.tell({
    step: 'started',
    detail: record.interruptions > 0 ? 'the previous worker was lost' : undefined,
  });
  const next = await carryOut(run);
  return {
    id,
    callId: run.request.callId,
    attempt: record.attempts,
    next,
    requests: run.story.requests,
    retries: run.retries,
    conflicts: run.conflicts,
    effectLatencyMs: run.effectLatencyMs,
    ms: run.elapsedMs,
    phase: run.story.last.step,
    rule: run.story.last.rule,
    decided: run.story.last.decided,
    transferType: run.request.transferType,
    targetType: run.request.target.type,
  };
}

function notBegun(begun: Exclude<Begun, { begun: true }>): Next {
  if (begun.why !== 'early' && begun.why !== 'held') return { do: 'nothing', why: begun.why };
  const { until, now } = begun;
  return { do: begun.why === 'early' ? 'sleep' : 'hold', until, inMs: Math.max(0, until - now) };
}

function emptyReport(id: string, next: Next): AttemptReport {
  return { id, attempt: 0, next, requests: [], retries: [], conflicts: 0, ms: 0 };
}

async function carryOut(run: Run): Promise<Next> {
  const { record } = run;
  takeOverIntents(run);
  const inDoubt = run.doubts.length > 0;
  const consult = consultUnderWay(record.intents);
  if (record.interruptions > run.ports.policy.maxInterruptions) {
    const rule = 'too many workers died during this transfer';
    return inDoubt || consult !== undefined
      ? park(run, rule)
      : endUnsent(run, { status: 'failed', reason: 'workers-lost' }, rule);
  }
  if (consult !== undefined) return carryOnConsult(run, consult);
  if (run.overdue && !inDoubt) return endUnsent(run, { status: 'expired' }, 'past the deadline');
  if (inDoubt && (run.overdue || record.verdict !== null)) return onlyProve(run);

  if (run.doubts.some(({ state }) => state === 'accepted')) {
    const next = await lookForEnd(run);
    if (next !== undefined) return next;
  }

  const refusal = run.ports.platform.refuses?.(run.request);
  if (refusal !== undefined && !inDoubt)
    return endUnsent(
      run,
      { status: 'rejected', reason: refusal.reason, detail: refusal.words },
      'not possible on this API',
    );
  const held = inDoubt ? undefined : run.heldEffect;
  if (held !== undefined) return holdEffect(run, held);
  const seen = await readAll(run);
  let changed = false;
  for (;;) {
    const comparison = compareAndTell(run, seen);
    const waits = await followComparison(run, comparison, seen);
    if (waits !== undefined) return waits;
    if (comparison.found === 'not-yet' && (changed || !mayRepeat(run, comparison)))
      return awaitProof(run, comparison.rule);
    const decision = await decideWithFallback(run, seen);
    if (decision.do !== 'send') return followDecision(run, decision);
    const kept = await holdWhatMayBeMoved(run);
    if (kept !== undefined) return kept;
    if (record.conflicts > run.ports.policy.conflictMaxRetries) return conflictsUsedUp(run, seen);
    const sent = await sendOrWait(run, decision, comparison);
    if (sent === 'target-refused') continue;
    if (sent !== 'conflict') return sent;
    changed = true;
    Object.assign(seen, await readCall(run));
  }
}

/** Intents that a lost worker left in flight: their result is unknown. */
function takeOverIntents(run: Run): void {
  const inFlight = run.record.intents.filter(isInFlight);
  run.replaceIntents(inFlight.map((intent) => ({ ...intent, state: 'in-doubt' })));
  if (inFlight.length > 0) run.retries.push('worker-lost');
}

/** Resending before the first request is proven not to have happened: the platform executes at most one of the two. */
function mayRepeat(run: Run, { resend }: { resend: boolean }): boolean {
  return resend && run.ports.policy.resendInWindow;
}

/** Nothing may be sent any more; only the result of earlier intents is open. Deadlines prevent sending, not reading. */
async function onlyProve(run: Run): Promise<Next> {
  const seen = await readCall(run);
  const comparison = compareAndTell(run, seen);
  const waits = await followComparison(run, comparison, seen);
  if (waits !== undefined) return waits;
  if (comparison.found === 'not-yet') return awaitProof(run, comparison.rule);
  return negative(run, { status: 'expired' }, 'past the deadline, and proven that nothing happened');
}

/**
 * Reads the call to see how an accepted request ended. `undefined`: the platform abandoned it, so decide again. A request that
 * was accepted but provably not executed counts as a server error.
 */
async function lookForEnd(run: Run): Promise<Next | undefined> {
  const seen = await readCall(run);
  const comparison = compareAndTell(run, seen);
  const next = await followComparison(run, comparison, seen);
  if (next !== undefined) return next;
  if (comparison.found === 'not-yet') return accepted(run, comparison.intent, comparison.rule);
  if (comparison.found === 'clear' && comparison.proven)
    return retryLater(run, 'server-error', 'the platform accepted the request but did not execute it');
  return undefined;
}

async function decideWithFallback(run: Run, seen: Seen): Promise<Decision> {
  const gaveUp = run.record.intents.filter(({ state }) => state === 'gave-up').map(({ target }) => target);
  const { request, refusedTargets: refused } = run;
  const evidence = { request, expiresAt: run.record.expiresAt, gaveUp, refused };
  let decision = decide({ ...evidence, ...seen, now: run.now() });
  if (decision.do === 'read-fallback') {
    seen.fallback = await readFallback(run, decision.fallback, decision.rule);
    decision = decide({ ...evidence, ...seen, now: run.now() });
  }
  const fallback = decision.do === 'send' && decision.isFallback ? ' (fallback)' : '';
  const where = decision.do === 'send' ? ` to ${decision.target.type} ${decision.target.id}${fallback}` : '';
  run.story.tell({ step: 'decided', rule: decision.rule, decided: `${decision.do}${where}` });
  return decision;
}

async function followDecision(run: Run, decision: Exclude<Decision, SendDecision>): Promise<Next> {
  switch (decision.do) {
    case 'end':
      return negative(run, decision.outcome, decision.rule);
    case 'hold-off':
      return holdEffect(run, decision);
    case 'retry':
      return retryLater(run, 'server-error', decision.detail);
    case 'look-again':
      return lookAgain(run, decision.rule);
    case 'hand-back':
      return handBack(run, decision.rule);
    case 'read-fallback':
      throw new Error('decide asked for the fallback twice');
  }
}

/** Ends a transfer of which no intent is known. If Redis may have lost one, the call is read first. */
async function endUnsent(run: Run, outcome: Outcome, rule: string): Promise<Next> {
  if (mayBeForgotten(run.record, run.ports.policy)) {
    const seen = await readCall(run);
    const isPassing = !seen.call.ok && classify(seen.call.failure, 'call').follow !== 'reject';
    if (isPassing)
      return waitForReadableCall(run, 'the call cannot be read to check whether it was moved', seen);
  }
  return negative(run, outcome, rule);
}

async function conflictsUsedUp(run: Run, { call }: SeenCall): Promise<Next> {
  const { record, lastRefusal } = run;
  const last =
    lastRefusal === undefined ? '' : `; at last ${lastRefusal}, and the call is ${callWords(call)}`;
  const detail = `the call changed ${record.conflicts} times between reading and sending${last}`;
  return negative(run, { status: 'failed', reason: 'conflict', detail }, 'conflict retries used up');
}

async function sendOrWait(run: Run, decision: SendDecision, comparison: Comparison): Promise<Sent> {
  if (run.ports.policy.shadow) return endInShadow(run, decision);
  const [effect] = run.ports.platform.steps(run.request);
  if (comparison.found !== 'not-yet') return send(run, { effect, ...decision }, undefined);
  if (!sameSending(comparison.intent, decision))
    return awaitProof(run, 'the target has changed; the old intent must be resolved first');
  return send(run, { effect, ...decision }, comparison.intent);
}

/** Shadow mode: notes what would have been sent, and sends nothing. */
function endInShadow(run: Run, { target, isFallback }: SendDecision): Promise<Next> {
  const where = `${target.type} ${target.id}${isFallback ? ' (fallback)' : ''}`;
  const detail = `shadow: would have moved the call to ${where}`;
  const outcome = { status: 'cancelled', reason: 'shadow', detail, target, isFallback } as const;
  return negative(run, outcome, 'shadow mode sends nothing');
}

import type { LeftToDo } from './follow-up-words.ts';
import { closed, isOpen } from './intents.ts';
import type { Next, RetryReason } from './next.ts';
import { retryDelayMs } from './policy.ts';
import type { Settled } from './record-steps.ts';
import type { Run } from './run.ts';
import { consultUnderWay, isLastStep, isMove } from './steps.ts';
import { awaitProof, consulting, type Holding, holdOff, holdWhatMayBeMoved, sleep } from './waits.ts';
import type { Intent, Outcome } from './words.ts';

/** How a run ends a transfer or retries it. */

/** An effect is confirmed: the transfer is over, or its next step follows. */
export async function carriedOut(
  run: Run,
  intent: Intent,
  confirmedBy: 'answer' | 'reading',
  rule: string,
): Promise<Next> {
  const { platform } = run.ports;
  if (intent.effect === 'consult-cancel') return consultEnded(run, rule);
  if (intent.effect === 'move' || isLastStep(platform.steps(run.request), intent))
    return transferred(run, intent, confirmedBy, rule);
  const start: Intent = { ...intent, state: 'done' };
  run.replaceIntents([start]);
  run.record.unconfirmedReads = 0;
  return consulting(run, start, rule, run.record.verdict === null ? 'by-plan' : 'now');
}

/**
 * The consult ended without moving the caller: settles with the pending outcome, or decides again and uses the fallback. The new
 * decision needs a reading that cannot be older than this end.
 */
export async function consultEnded(run: Run, rule: string): Promise<Next> {
  const { record } = run;
  record.intents = record.intents.map((intent) => {
    if (intent.effect === 'consult-start' && intent.state === 'done') return { ...intent, state: 'gave-up' };
    return isOpen(intent) && !isMove(intent) ? closed(intent) : intent;
  });
  if (record.verdict !== null) return negative(run, record.verdict, rule);
  return sleep(run, run.now() + run.compared.readLagMs, rule);
}

/** The caller was moved, confirmed by an answer or a reading. */
export async function transferred(
  run: Run,
  intent: Intent,
  confirmedBy: 'answer' | 'reading',
  rule: string,
): Promise<Next> {
  const { target, isFallback, leaves } = intent;
  return settle(run, { status: 'transferred', target, isFallback, confirmedBy }, 'seen', rule, leaves);
}

/** Ends the transfer without a move. A doubt must be resolved first, and a consult ended first (docs/rules.md). */
export async function negative(run: Run, outcome: Outcome, rule: string): Promise<Next> {
  const start = consultUnderWay(run.record.intents);
  if (start !== undefined && run.doubts.length === 0) return endConsultFirst(run, start, outcome, rule);
  if (run.doubts.length === 0)
    return (await holdWhatMayBeMoved(run)) ?? settle(run, outcome, 'attempt', rule);
  run.record.verdict = outcome;
  return awaitProof(run, `${outcome.status}, once it is proven that nothing happened: ${rule}`);
}

/** Ends the consult before the transfer ends without a move. Of several reasons the first counts. */
async function endConsultFirst(run: Run, start: Intent, outcome: Outcome, rule: string): Promise<Next> {
  const when = run.record.verdict === null ? 'now' : 'by-plan';
  run.record.verdict ??= outcome;
  return consulting(run, start, `${run.record.verdict.status}, once the consult is ended: ${rule}`, when);
}

const LOOK_AGAIN_MS = 1_000;

/**
 * The agent is about to be connected: read again in a second; not counted as an error. The last look is a second before the
 * deadline, so that the outcome can say what was waited for.
 */
export async function lookAgain(run: Run, rule: string): Promise<Next> {
  const now = run.now();
  const at = Math.min(now + LOOK_AGAIN_MS, run.record.expiresAt - LOOK_AGAIN_MS);
  if (at > now) return sleep(run, at, rule);
  return negative(run, { status: 'expired', detail: rule }, 'the next look would be past the deadline');
}

/** Counts a server error or a missing answer and delays: `failed` after the last retry, `expired` past the deadline. */
export async function retryLater(run: Run, reason: RetryReason, rule: string): Promise<Next> {
  const { record } = run;
  const { policy, random } = run.ports;
  record.serverErrors += 1;
  if (record.serverErrors > policy.serverErrorMaxRetries)
    return negative(
      run,
      { status: 'failed', reason: 'platform-unavailable', detail: rule },
      'retries used up',
    );
  const delayMs = retryDelayMs(policy, record.serverErrors, random());
  const nextAt = Math.max(run.now() + delayMs, run.askAgainAt);
  if (nextAt >= record.expiresAt && consultUnderWay(record.intents) === undefined)
    return negative(run, { status: 'expired', detail: rule }, 'the next retry would be past the deadline');
  run.retries.push(reason);
  return sleep(run, nextAt, rule);
}

/**
 * Waits for a hold-off before the effect: `expired` at once if an operation is held off past the deadline, which may be hours. A
 * transfer in doubt waits for its proof instead: a reading.
 */
export async function holdEffect(run: Run, holding: Holding): Promise<Next> {
  if (holding.operation === undefined || consultUnderWay(run.record.intents) !== undefined)
    return holdOff(run, holding);
  if (run.doubts.length > 0) return awaitProof(run, holding.rule);
  if (holding.until < run.record.expiresAt) return holdOff(run, holding);
  const detail = `${holding.operation} is held off until ${new Date(holding.until).toISOString()} (${holding.rule})`;
  return negative(run, { status: 'expired', detail }, 'the hold-off ends past the deadline');
}

async function settle(
  run: Run,
  outcome: Outcome,
  guard: 'attempt' | 'seen',
  rule: string,
  leaves?: LeftToDo[],
): Promise<Next> {
  const { record } = run;
  const decided = outcome.reason === undefined ? outcome.status : `${outcome.status}: ${outcome.reason}`;
  run.story.tell({ step: 'outcome', rule, decided, detail: outcome.detail });
  const intents = record.intents.map(closed);
  const settled: Settled = await run.ports.records.settle(
    record.id,
    {
      guard,
      epoch: record.epoch,
      outcome,
      intents,
      conflicts: record.conflicts,
      deadLetter: outcome.status === 'failed',
      actor: run.actor,
      leaves,
    },
    run.story.takeEntries(),
  );
  if (settled.settled) return { do: 'done', outcome, facts: settled.facts };
  if (settled.why === 'contradicted') return { do: 'contradicted', outcome, settledAs: settled.outcome };
  return { do: 'nothing', why: settled.why === 'already' ? 'settled meanwhile' : settled.why };
}

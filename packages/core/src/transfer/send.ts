import { randomUUID } from 'node:crypto';
import { classify, type Doubt, describeFailure } from './classify.ts';
import { compare, sameTarget } from './compare.ts';
import type { Decision } from './decide.ts';
import { carriedOut, holdEffect, negative, retryLater } from './ends.ts';
import { readCall } from './evidence.ts';
import { isDoubtful, refused, sending } from './intents.ts';
import type { Next } from './next.ts';
import type { Failure, Gate, MoveAnswer } from './ports.ts';
import type { Fenced } from './record-steps.ts';
import type { Run } from './run.ts';
import { isBeginning, isMove } from './steps.ts';
import { accepted, handBack, holdOff, nothingSent } from './waits.ts';
import type { Intent } from './words.ts';

export type SendDecision = Extract<Decision, { do: 'send' }>;
/** What to send, and the call as it was read. */
export type Effect = Pick<SendDecision, 'target' | 'isFallback' | 'call'> & Pick<Intent, 'effect'>;
type FailedMove = Extract<MoveAnswer, { moved: 'failed' }>;
/**
 * What follows, or why to decide again: `conflict`: the call changed, so it is read first. `target-refused`: the platform does not
 * take this target (`run.refusedTargets`).
 */
export type Sent = Next | 'conflict' | 'target-refused';

/** Whether the decision matches the open intent, and the call has not changed since. */
export function sameSending(intent: Intent, decision: SendDecision): boolean {
  return (
    sameTarget(intent.target, decision.target) && intent.mark.fingerprint === decision.call.mark.fingerprint
  );
}

/**
 * Writes the intent and then sends the effect, with nothing slow between (docs/rules.md).
 * @param resend an open intent to send again, for the call as read then
 */
export async function send(run: Run, effect: Effect, resend: Intent | undefined): Promise<Sent> {
  const { record, request } = run;
  const intent = resend ?? newIntent(run, effect);
  if (resend === undefined) record.intents = [...record.intents, intent];
  let fenced: Fenced | undefined;
  const gate: Gate = async (operation) => {
    fenced = undefined;
    fenced = await writeIntent(run, intent.id, operation);
    return fenced.fenced;
  };
  const { callId, userId, transferType, mode, wrapUpCodeId } = request;
  const { target, mark } = intent;
  const command = { effect: intent.effect, callId, userId, transferType, target, mode, wrapUpCodeId, mark };
  const from = run.now();
  const noted = () => record.intents.find((other) => other.id === intent.id) ?? intent;
  const answer = await run.ports.platform
    .move(command, gate, run.ports.signal)
    .catch(async (error: unknown) => {
      if (!isFenced(fenced)) await takeBack(run, noted(), error);
      throw error;
    });
  const ms = run.now() - from;
  const sent = noted();
  const { requests } = answer;
  switch (answer.moved) {
    case 'done':
      run.story.tell({ step: 'sent', requests, decided: isMove(sent) ? 'moved' : sent.effect, ms });
      return carriedOut(run, sent, 'answer', 'the platform confirmed the request');
    case 'accepted':
      run.story.tell({ step: 'sent', requests, decided: 'accepted', ms });
      return accepted(run, sent, 'the platform accepted the request');
    case 'shut':
      run.story.tell({ step: 'sent', requests, detail: shutWords(fenced), ms });
      return followShutGate(run, sent, fenced);
    case 'failed':
      run.story.tell({ step: 'sent', requests, detail: describeFailure(answer.failure), ms });
      return followFailedMove(run, sent, answer);
  }
}

function newIntent(run: Run, { effect, target, isFallback, call }: Effect): Intent {
  const { request } = run;
  const { platform } = run.ports;
  const sent = { effect, transferType: request.transferType, target, mark: call.mark };
  const leaves = platform.leaves(request, sent);
  return {
    id: randomUUID(),
    at: run.now(),
    ...sent,
    isFallback,
    before: call.placement,
    repeatable: platform.repeatable(request, effect, call.mark),
    sends: 0,
    state: 'sending',
    ...(leaves.length > 0 && { leaves }),
  };
}

async function writeIntent(run: Run, intentId: string, operation: string | undefined): Promise<Fenced> {
  const { record } = run;
  const next = record.intents.map((intent) => (intent.id === intentId ? sending(intent) : intent));
  const intent = next.find((other) => other.id === intentId);
  run.story.tell({
    step: 'intent',
    evidence: {
      version: intent?.mark.fingerprint,
      target: intent?.target,
      sends: intent?.sends,
      ...(intent !== undefined && intent.effect !== 'move' && { effect: intent.effect }),
    },
  });
  const knowsRecovery = record.recovery !== null;
  const written = { intentId, compared: record.openIntent, intents: next, knowsRecovery, operation };
  const entries = run.story.takeEntries();
  const fenced = await run.ports.records
    .fence(record.id, record.epoch, written, entries)
    .catch((error: unknown) => {
      run.story.putBack(entries);
      throw error;
    });
  if (fenced.fenced) {
    record.openIntent = intentId;
    record.intents = next.map((other) => (other.id === intentId ? { ...other, at: fenced.at } : other));
    if (intent !== undefined && isBeginning(intent)) run.effectLatencyMs = fenced.at - record.acceptedAt;
    run.story.entriesStored(entries.length);
  } else if (fenced.why === 'held' && fenced.written) run.story.entriesStored(entries.length);
  else run.story.putBack(entries);
  return fenced;
}

/** Withdraws this request; an earlier one under the same intent may still be in doubt. */
function withdraw(run: Run, intent: Intent): void {
  if (!isDoubtful(intent)) {
    run.record.intents = run.record.intents.filter((other) => other.id !== intent.id);
    return;
  }
  run.replaceIntents([{ ...intent, state: 'in-doubt' }]);
}

function isFenced(fenced: Fenced | undefined): boolean {
  return fenced?.fenced === true;
}

/**
 * The fence failed, so nothing was sent, but the intent may be in Redis. Withdraws it if possible, so that the transfer does not
 * seem to be in doubt. The caller throws the original error.
 */
async function takeBack(run: Run, intent: Intent, error: unknown): Promise<void> {
  withdraw(run, intent);
  const why = error instanceof Error ? error.message : String(error);
  await nothingSent(run, `not sent: ${why.slice(0, 200)}`).catch(() => undefined);
}

function shutWords(fenced: Fenced | undefined): string {
  return fenced?.fenced === false && fenced.why === 'held' ? fenced.rule : 'stopped at the fence';
}

async function followShutGate(run: Run, intent: Intent, fenced: Fenced | undefined): Promise<Next> {
  withdraw(run, intent);
  if (fenced?.fenced === false && fenced.why === 'held') return holdEffect(run, fenced);
  const why = fenced?.fenced === false ? fenced.why : 'unknown';
  if (why === 'past-deadline') return negative(run, { status: 'expired' }, 'past the deadline at the fence');
  return { do: 'nothing', why };
}

async function followFailedMove(run: Run, intent: Intent, answer: FailedMove): Promise<Sent> {
  const { failure, gate } = answer;
  const classified = classify(failure, 'effect');
  const detail = describeFailure(failure);
  run.heed(failure);
  if (classified.follow === 'conflict') {
    run.conflict(refused(intent, run.now()), detail);
    return 'conflict';
  }
  if ('doubt' in classified && classified.doubt !== 'none' && gate === 'opened')
    return followDoubt(run, { ...intent, state: 'in-doubt' }, failure, classified.doubt);

  withdraw(run, intent);
  switch (classified.follow) {
    case 'hold-off':
      return holdEffect(run, failure.kind === 'held' ? failure : { until: run.now(), rule: 'rate limited' });
    case 'hand-back':
      return handBack(run, 'shutting down before the effect');
    case 'fallback':
      await forgetWhatWasContradicted(run, failure, intent);
      run.refusedTargets.push({ target: intent.target, why: detail });
      return 'target-refused';
    case 'reject':
      await forgetWhatWasContradicted(run, failure, intent);
      return negative(
        run,
        { status: 'rejected', reason: classified.reason, detail },
        'refused by the platform',
      );
    default:
      return retryLater(run, failure.kind === 'no-answer' ? 'no-answer' : 'server-error', detail);
  }
}

/** The effect may have happened: reads the call now or after the wait (docs/rules.md). */
async function followDoubt(run: Run, intent: Intent, failure: Failure, doubt: Doubt): Promise<Next> {
  run.replaceIntents([intent]);
  if (failure.kind === 'held') return holdOff(run, failure);
  if (doubt === 'read-now' && !run.ports.signal.aborted) {
    const { call, readAt } = await readCall(run);
    const comparison = compare(run.record, call, readAt, run.compared);
    run.story.tell({ step: 'compared', rule: comparison.rule, decided: comparison.found });
    if (comparison.found === 'happened')
      return carriedOut(run, comparison.intent, 'reading', comparison.rule);
  }
  return retryLater(
    run,
    failure.kind === 'no-answer' ? 'no-answer' : 'server-error',
    describeFailure(failure),
  );
}

async function forgetWhatWasContradicted(run: Run, failure: Failure, intent: Intent): Promise<void> {
  if (failure.kind !== 'answered') return;
  const isAgent = failure.means === 'forbidden';
  await run.ports.platform.forget(isAgent ? { userId: run.request.userId } : { target: intent.target });
}

import { setTimeout as wait } from 'node:timers/promises';
import { type Answer, errorAnswer } from './answer.ts';
import type { CallAction } from './calls.ts';
import type { Step } from './schemas.ts';

/** The answer, and the step that controls its delivery; no answer if the request was dropped or hangs before handling. */
export type SteppedAnswer = { answer: Answer | undefined; step: Step };

type Handling = {
  /** The configured delay, if the step sets none. */
  latencyMs: () => number;
  /** Applies the `before` of the step. */
  act?: (action: CallAction) => void;
  /** The normal answer, with its effect. */
  handle: () => Answer;
};

/**
 * Answers one request according to the step. An effect happens after the delay, even if the client has gone. Rejects
 * with an AbortError when `closing` fires during the wait.
 */
export async function answerByStep(
  step: Step,
  { latencyMs, act, handle }: Handling,
  closing: AbortSignal,
): Promise<Answer | undefined> {
  const waitMs = step.latencyMs ?? latencyMs();
  if (waitMs > 0) await wait(waitMs, undefined, { signal: closing });
  if (step.before) act?.(step.before);
  if (step.drop === 'before' || step.hang === 'before') return undefined;
  const handled = step.status === undefined || step.effect ? handle() : undefined;
  return scriptedAnswer(step) ?? handled;
}

function scriptedAnswer({ status, headers, body }: Step): Answer | undefined {
  if (status === undefined) return undefined;
  const message = 'Scripted answer of the sandbox';
  const usual = status < 400 ? {} : errorAnswer(status, `scripted.${status}`, message).body;
  return { status, body: body ?? usual, ...(headers && { headers }) };
}

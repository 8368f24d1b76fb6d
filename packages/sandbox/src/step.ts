import { setTimeout as wait } from 'node:timers/promises';
import { type Answer, errorAnswer } from './answer.ts';
import type { Step } from './schemas.ts';

/** The answer, and the step that controls its delivery; no answer if the request was dropped or hangs before handling. */
export type SteppedAnswer = { answer: Answer | undefined; step: Step<unknown> };

type Handling<Action> = {
  /** The configured delay, if the step sets none. */
  latencyMs: () => number;
  /** Applies the `before` of the step. */
  act?: (action: Action) => void;
  /** The normal answer, with its effect. */
  handle: () => Answer;
  /** The body of a scripted error that names none. Default: an error in Genesys' shape. */
  errorBody?: () => unknown;
};

/**
 * Answers one request according to the step. An effect happens after the delay, even if the client has gone. Rejects
 * with an AbortError when `closing` fires during the wait.
 */
export async function answerByStep<Action>(
  step: Step<Action>,
  { latencyMs, act, handle, errorBody }: Handling<Action>,
  closing: AbortSignal,
): Promise<Answer | undefined> {
  const waitMs = step.latencyMs ?? latencyMs();
  if (waitMs > 0) await wait(waitMs, undefined, { signal: closing });
  if (step.before) act?.(step.before);
  if (step.drop === 'before' || step.hang === 'before') return undefined;
  const handled = step.status === undefined || step.effect ? handle() : undefined;
  return scriptedAnswer(step, errorBody) ?? handled;
}

function scriptedAnswer(
  { status, headers, body }: Step<unknown>,
  errorBody: (() => unknown) | undefined,
): Answer | undefined {
  if (status === undefined) return undefined;
  const usual = status < 400 ? {} : (errorBody?.() ?? genesysError(status));
  return { status, body: body ?? usual, ...(headers && { headers }) };
}

function genesysError(status: number): unknown {
  return errorAnswer(status, `scripted.${status}`, 'Scripted answer of the sandbox').body;
}

import type { Problem, ProblemCode } from './words.ts';

/** Whatever this client throws, but for the reason of your own abort signal. */
export class HandoverError extends Error {
  override readonly name: string = 'HandoverError';
}

/** Handover refused the request, or could not serve it, and said why. */
export class HandoverProblem extends HandoverError {
  override readonly name = 'HandoverProblem';
  /** The whole answer, with what belongs to its code, such as `holder`. */
  readonly problem: Problem;
  /** How long Handover asks to wait before the next try (`Retry-After`). */
  readonly retryAfterMs: number | undefined;
  constructor(problem: Problem, retryAfterMs?: number) {
    super(`${problem.title}: ${problem.detail}${inWords(problem.errors)}`);
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }

  get code(): ProblemCode {
    return this.problem.code;
  }
  get status(): number {
    return this.problem.status;
  }
  get detail(): string {
    return this.problem.detail;
  }
  /** The fields of an invalid request. */
  get errors(): { field: string; message: string }[] {
    return this.problem.errors ?? [];
  }
}

function inWords(errors: Problem['errors'] = []): string {
  return errors.length === 0
    ? ''
    : ` (${errors.map(({ field, message }) => `${field} ${message}`).join('; ')})`;
}

/**
 * Handover gave no answer: the network failed (see `cause`), or something in between answered in its place with `status`. A
 * request that changes something may have been carried out.
 */
export class HandoverUnreachable extends HandoverError {
  override readonly name = 'HandoverUnreachable';
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  constructor(message: string, how: { cause?: unknown; status?: number; retryAfterMs?: number | undefined }) {
    super(message, 'cause' in how ? { cause: how.cause } : {});
    this.status = how.status;
    this.retryAfterMs = how.retryAfterMs;
  }
}

/** A transfer had no outcome within the time that you gave. It goes on. */
export class HandoverTimeout extends HandoverError {
  override readonly name = 'HandoverTimeout';
}

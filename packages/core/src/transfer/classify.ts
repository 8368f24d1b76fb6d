import type { Failure, Meaning } from './ports.ts';
import type { Reason } from './words.ts';

/** Which request failed: one of the reads before the effect, or the effect itself. */
export type Phase = 'agent' | 'call' | 'target' | 'effect';

/**
 * Whether the effect may have happened despite the failure, and when to check: after the wait, or at once if a reading will
 * probably show it.
 */
export type Doubt = 'none' | 'read-later' | 'read-now';

export type Classified =
  /** Wait until the shared hold-off ends; consumes no attempt. */
  | { follow: 'hold-off'; doubt: Doubt }
  /** Refused permanently, by the platform or by a rule. */
  | { follow: 'reject'; reason: Reason }
  /** Delayed, counted as a server error. */
  | { follow: 'retry'; doubt: Doubt }
  /** Use the fallback; `orElse` applies if there is none. */
  | { follow: 'fallback'; orElse: 'reject' | 'retry' }
  /** The call changed: read it again and decide again, at once. */
  | { follow: 'conflict' }
  /** Shutdown before anything was sent: return the transfer to the queue. */
  | { follow: 'hand-back' };

const reject = (reason: Reason): Classified => ({ follow: 'reject', reason });

/**
 * What follows from a failed request: the only place that defines what is retryable (docs/rules.md). `unauthorized` here means
 * that the retry with a new token failed too.
 */
export function classify(failure: Failure, phase: Phase): Classified {
  switch (failure.kind) {
    case 'held':
      return {
        follow: 'hold-off',
        doubt: phase === 'effect' && failure.what !== undefined ? 'read-later' : 'none',
      };
    case 'stopped':
      return { follow: 'hand-back' };
    case 'no-answer':
      if (phase === 'target') return { follow: 'fallback', orElse: 'retry' };
      return { follow: 'retry', doubt: phase === 'effect' && failure.sent ? 'read-now' : 'none' };
    case 'malformed':
      if (phase === 'target') return { follow: 'fallback', orElse: 'retry' };
      return { follow: 'retry', doubt: phase === 'effect' ? 'read-now' : 'none' };
    case 'intercepted':
      if (phase !== 'effect') return { follow: 'retry', doubt: 'none' };
      return { follow: 'retry', doubt: failure.passedOn ? 'read-now' : 'read-later' };
    case 'answered':
      return phase === 'effect' ? classifyEffect(failure.means) : classifyRead(failure.means, phase);
  }
}

function classifyRead(means: Meaning = 'unwell', phase: 'agent' | 'call' | 'target'): Classified {
  if (means === 'limited') return { follow: 'hold-off', doubt: 'none' };
  if (means === 'unauthorized') return { follow: 'retry', doubt: 'none' };
  if (means === 'unwell')
    return phase === 'target' ? { follow: 'fallback', orElse: 'retry' } : { follow: 'retry', doubt: 'none' };
  if (phase === 'target') return { follow: 'fallback', orElse: 'reject' };
  if (means === 'forbidden') return reject('forbidden');
  if (means === 'needs-user') return reject('needs-user-token');
  if (means === 'not-transferable') return reject('call-not-transferable');
  if (means === 'gone' || means === 'not-found') return reject(lostReasons[phase][means]);
  return reject('refused-by-platform');
}

/** What it says of a transfer that its agent or call is not there. */
const lostReasons = {
  agent: { gone: 'not-permitted', 'not-found': 'not-permitted' },
  call: { gone: 'call-ended', 'not-found': 'call-not-found' },
} as const;

function classifyEffect(means: Meaning = 'unwell'): Classified {
  switch (means) {
    case 'limited':
      return { follow: 'hold-off', doubt: 'none' };
    case 'changed':
      return { follow: 'conflict' };
    case 'unauthorized':
      return { follow: 'retry', doubt: 'none' };
    case 'unwell':
      return { follow: 'retry', doubt: 'read-later' };
    case 'forbidden':
      return reject('forbidden');
    case 'needs-user':
      return reject('needs-user-token');
    case 'target-gone':
      return { follow: 'fallback', orElse: 'reject' };
    case 'not-transferable':
      return reject('call-not-transferable');
    case 'gone':
    case 'not-found':
    case 'invalid':
      return reject('refused-by-platform');
  }
}

/** The failure as text for `detail`, with the platform's code and message if present. */
export function describeFailure(failure: Failure): string {
  switch (failure.kind) {
    case 'answered': {
      const { status, code, message, hint, retryAfterMs } = failure;
      const trace = failure.trace === undefined ? '' : `, trace ${failure.trace}`;
      const wait = wordsOfWait(retryAfterMs);
      if (hint !== undefined) return `${hint} (platform: ${code ?? status}${trace})${wait}`;
      const words = [code, message].filter((word) => word !== undefined).join(': ');
      const said = words === '' ? status : `${status} (${words})`;
      return `the platform answered ${said}${trace}${wait}`;
    }
    case 'intercepted':
      return `${wordsOfForm(failure.status, failure.what)}${wordsOfWait(failure.retryAfterMs)}`;
    case 'no-answer':
      return failure.sent ? `no answer: ${failure.detail}` : `not reached: ${failure.detail}`;
    case 'malformed':
      return `unreadable answer: ${failure.detail}`;
    case 'held': {
      const why = failure.what === undefined ? '' : ` after a ${failure.what}`;
      return `holding off until ${new Date(failure.until).toISOString()}${why}`;
    }
    case 'stopped':
      return 'this worker is shutting down';
  }
}

function wordsOfForm(status: number, what: string): string {
  return `${status} from something in between (${what}), not from the platform`;
}

function wordsOfWait(retryAfterMs: number | undefined): string {
  return retryAfterMs === undefined ? '' : `, retry after ${retryAfterMs / 1000} s`;
}

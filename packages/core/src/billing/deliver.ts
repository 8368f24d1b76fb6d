import type { Bill } from './words.ts';

/**
 * `refused`: the destination rejects this bill permanently. `busy`: it cannot accept this bill at the moment. `gone`: the
 * destination no longer exists. `misconfigured`: the address or credentials are wrong. `trouble`: any other transient
 * failure.
 */
export const failureKinds = ['refused', 'busy', 'gone', 'misconfigured', 'trouble'] as const;
export type FailureKind = (typeof failureKinds)[number];

/** The answer of a destination to a bill. `detail`: a description without secrets. */
export type DeliveryAnswer =
  | { delivered: true }
  | { delivered: false; kind: FailureKind; detail: string; retryAfterMs?: number | undefined };

export interface Destination {
  readonly name: string;
  /** Sends a bill; idempotent by its id. Never throws for what the destination does. */
  deliver(bill: Bill, signal: AbortSignal): Promise<DeliveryAnswer>;
}

/** All times in milliseconds. */
export type DeliveryPolicy = {
  /** The delay after the first failure; it doubles. */
  retryDelayMs: number;
  longestDelayMs: number;
  /** How long a bill is tried before it becomes a dead letter. */
  giveUpAfterMs: number;
};

export type DeliveryNext =
  /** Retry after so many ms. `all`: the other deliveries to this destination hold off too. */
  | { do: 'retry'; inMs: number; all: boolean }
  /** The destination is disabled; its bills wait until an operator resumes the queue. */
  | { do: 'disable'; inMs: number }
  | { do: 'give-up'; why: string; all: boolean };

/**
 * The next step after a failed delivery (docs/billing.md). Pure. `tries` includes this one; `since`: when the bill was first
 * due; `now`: both epoch milliseconds; `random` is in [0, 1).
 */
export function afterFailure(
  { kind, detail, retryAfterMs = 0 }: Extract<DeliveryAnswer, { delivered: false }>,
  { tries, since, now, random }: { tries: number; since: number; now: number; random: number },
  policy: DeliveryPolicy,
): DeliveryNext {
  if (kind === 'refused') return { do: 'give-up', why: detail, all: false };
  const doubled = Math.min(policy.retryDelayMs * 2 ** Math.min(tries - 1, 30), policy.longestDelayMs);
  const told = Math.min(retryAfterMs, policy.longestDelayMs);
  const inMs = Math.round(Math.max(doubled * (1 + random / 5), told));
  if (kind === 'gone') return { do: 'disable', inMs };
  const all = kind !== 'busy';
  if (now + inMs > since + policy.giveUpAfterMs)
    return { do: 'give-up', why: `${detail}; given up after ${tries} tries`, all };
  return { do: 'retry', inMs, all };
}

import type { Bill } from './words.ts';

/**
 * `refused`: the destination says no to this bill, for good. `busy`: this one bill cannot be taken just now. `gone`: the
 * destination has ended, for good. `misconfigured`: its address or our credentials are wrong, or not right yet.
 * `trouble`: anything else that passes.
 */
export const failureKinds = ['refused', 'busy', 'gone', 'misconfigured', 'trouble'] as const;
export type FailureKind = (typeof failureKinds)[number];

/** What a destination said to a bill. `detail` says it in words, without secrets. */
export type DeliveryAnswer =
  | { delivered: true }
  | { delivered: false; kind: FailureKind; detail: string; retryAfterMs?: number | undefined };

export interface Destination {
  readonly name: string;
  /** Sends a bill. The same bill twice must count once there. Never throws for what the other side does. */
  deliver(bill: Bill, signal: AbortSignal): Promise<DeliveryAnswer>;
}

/** All times in milliseconds. */
export type DeliveryPolicy = {
  /** The wait after the first failure; it doubles. */
  retryDelayMs: number;
  longestDelayMs: number;
  /** How long a bill is tried before it becomes a dead letter. */
  giveUpAfterMs: number;
};

export type DeliveryNext =
  /** Again after so many ms; `all`: the other bills for this destination wait for a while too. */
  | { do: 'retry'; inMs: number; all: boolean }
  /** The destination is disabled, and the bill waits with the others until a person enables it. */
  | { do: 'disable'; inMs: number }
  | { do: 'give-up'; why: string; all: boolean };

/**
 * What follows from a delivery that failed (docs/billing.md). Pure. `tries` counts this one too; `since` is when the bill
 * was first tried, `now` the time, both epoch milliseconds; `random` is in [0, 1).
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

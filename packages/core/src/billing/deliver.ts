import type { Bill, DestinationName } from './words.ts';

/** What a destination said to a bill. `final`: it says no to this bill, for good. */
export type DeliveryAnswer =
  | { delivered: true }
  | { delivered: false; final: boolean; detail: string; retryAfterMs?: number | undefined };

export interface Destination {
  readonly name: DestinationName;
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

export type DeliveryNext = { do: 'retry'; inMs: number } | { do: 'give-up'; why: string };

/**
 * What follows from a delivery that failed (docs/billing.md). Pure. `tries` counts this one too; `since` is when the bill
 * was first tried, `now` the time, both epoch milliseconds; `random` is in [0, 1).
 */
export function afterFailure(
  { final, detail, retryAfterMs = 0 }: Extract<DeliveryAnswer, { delivered: false }>,
  { tries, since, now, random }: { tries: number; since: number; now: number; random: number },
  policy: DeliveryPolicy,
): DeliveryNext {
  if (final) return { do: 'give-up', why: detail };
  const doubled = Math.min(policy.retryDelayMs * 2 ** Math.min(tries - 1, 30), policy.longestDelayMs);
  const inMs = Math.round(Math.max(doubled * (1 + random / 5), retryAfterMs));
  if (now + inMs > since + policy.giveUpAfterMs)
    return { do: 'give-up', why: `${detail}; given up after ${tries} tries` };
  return { do: 'retry', inMs };
}

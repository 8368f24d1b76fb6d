/** The numbers that the rules of a transfer use. All times in milliseconds. */
export type Policy = {
  /** When a request names no `expiresAt`. */
  deadlineMs: number;
  /** First wait after a 5xx; doubles at each further one. */
  serverErrorRetryDelayMs: number;
  serverErrorMaxRetries: number;
  conflictMaxRetries: number;
  /** Whether a sending in doubt may be repeated, where that is safe, before the settle window has passed. */
  resendInWindow: boolean;
  /** How long after Redis went back in time calls that stand at their target already are looked after. */
  recoveryMs: number;
  /** `hold`: such a call waits for an event or a person. `send`: it is moved as ever. */
  recoveryPolicy: 'hold' | 'send';
  /** How long after an intent a reading that shows the call unmoved proves that the effect did not happen. */
  settleWindowMs: number;
  /** After this long unconfirmed, a transfer is listed with the dead letters and lets its call go. */
  unconfirmedMaxMs: number;
  /** Runs whose worker died before we stop giving the transfer to further workers. */
  maxInterruptions: number;
};

const SIMULATED_SPEED = 100;
const LONGEST_UNCONFIRMED_GAP = 15;

/**
 * The policy of simulated transfers: the same rules, waits a hundred times faster (docs/rules.md); only the settle window
 * stays longer than a request may take.
 * @param timeoutMs how long one request to the sandbox may take
 */
export function simulatedPolicy(policy: Policy, timeoutMs: number): Policy {
  const faster = (ms: number) => Math.max(1, Math.round(ms / SIMULATED_SPEED));
  return {
    ...policy,
    serverErrorRetryDelayMs: faster(policy.serverErrorRetryDelayMs),
    settleWindowMs: Math.max(faster(policy.settleWindowMs), timeoutMs + 1),
    unconfirmedMaxMs: faster(policy.unconfirmedMaxMs),
  };
}

/**
 * The wait before the next try after the n-th server error (n from 1): first `serverErrorRetryDelayMs`, doubling,
 * jitter adding up to a fifth. `random` is in [0, 1).
 */
export function retryDelayMs(policy: Policy, n: number, random: number): number {
  return Math.round(policy.serverErrorRetryDelayMs * 2 ** (n - 1) * (1 + random / 5));
}

/** The wait before an unconfirmed transfer is read again, after n readings that proved nothing: growing gaps, jitter as above. */
export function unconfirmedGapMs(policy: Policy, n: number, random: number): number {
  const gap = Math.max(policy.settleWindowMs, 1) * Math.min(2 ** n, LONGEST_UNCONFIRMED_GAP);
  return Math.round(gap * (1 + random / 5));
}

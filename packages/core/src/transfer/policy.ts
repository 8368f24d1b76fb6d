/** `shadow`: everything runs up to the fence, and nothing is sent (docs/operations/shadow.md). */
export const modes = ['live', 'shadow'] as const;
export type Mode = (typeof modes)[number];

/** The parameters of the transfer rules. All times in milliseconds. */
export type Policy = {
  /** The deadline of a request without `expiresAt`. */
  deadlineMs: number;
  /** First delay after a 5xx; it doubles with each further one. */
  serverErrorRetryDelayMs: number;
  serverErrorMaxRetries: number;
  conflictMaxRetries: number;
  /** Whether a request in doubt may be resent within the settle window, where that is safe. */
  resendInWindow: boolean;
  /** How long after a data loss in Redis calls already at their target are checked. */
  recoveryMs: number;
  /** `hold`: such a call waits for an event or an operator. `send`: it is moved as usual. */
  recoveryPolicy: 'hold' | 'send';
  /** How long after the intent a reading of the unmoved call proves that the effect did not happen. */
  settleWindowMs: number;
  /** After this time unconfirmed, a transfer is listed with the dead letters and releases its call. */
  unconfirmedMaxMs: number;
  /** How many workers may die over a transfer before it is no longer retried. */
  maxInterruptions: number;
  /** Nothing is sent: a transfer ends as `cancelled: shadow` where its effect would have been sent. */
  shadow: boolean;
};

const SIMULATED_SPEED = 100;
/** How long a training run may take. */
const SIMULATED_RUN_MS = 30_000;
const LONGEST_UNCONFIRMED_GAP = 15;

/**
 * The policy of simulated transfers: the same rules with delays a hundred times shorter, except that the settle window stays
 * longer than a request may take, and nothing is left to an operator within a run: the sandbox carries out a command in real time.
 * Training sends, also in shadow mode: it only reaches the sandbox.
 * @param timeoutMs how long one request to the sandbox may take
 */
export function simulatedPolicy(policy: Policy, timeoutMs: number): Policy {
  const faster = (ms: number) => Math.max(1, Math.round(ms / SIMULATED_SPEED));
  return {
    ...policy,
    serverErrorRetryDelayMs: faster(policy.serverErrorRetryDelayMs),
    settleWindowMs: Math.max(faster(policy.settleWindowMs), timeoutMs + 1),
    unconfirmedMaxMs: Math.max(faster(policy.unconfirmedMaxMs), SIMULATED_RUN_MS),
    shadow: false,
  };
}

/**
 * The delay after the n-th server error (n from 1): `serverErrorRetryDelayMs`, doubling, with up to a fifth of jitter. `random`
 * is in [0, 1).
 */
export function retryDelayMs(policy: Policy, n: number, random: number): number {
  return Math.round(policy.serverErrorRetryDelayMs * 2 ** (n - 1) * (1 + random / 5));
}

/** The gap before an unconfirmed transfer is read again, after n inconclusive readings: growing, with jitter as above. */
export function unconfirmedGapMs(policy: Policy, n: number, random: number): number {
  const gap = Math.max(policy.settleWindowMs, 1) * Math.min(2 ** n, LONGEST_UNCONFIRMED_GAP);
  return Math.round(gap * (1 + random / 5));
}

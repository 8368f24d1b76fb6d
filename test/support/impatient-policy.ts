import type { Policy } from '@handover/core/transfer';

/** A policy for runs that a test drives itself: neither a server error nor a conflict is retried. */
export const impatientPolicy: Policy = {
  ...{ deadlineMs: 900_000, serverErrorRetryDelayMs: 5, serverErrorMaxRetries: 0, conflictMaxRetries: 0 },
  ...{ settleWindowMs: 2_500, resendInWindow: true, recoveryMs: 900_000, recoveryPolicy: 'hold' },
  ...{ unconfirmedMaxMs: 60_000, maxInterruptions: 20, shadow: false },
};

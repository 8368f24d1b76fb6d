import type { Dialect } from '@handover/core/transfer';

/** What a dialect says of itself where its answers are final, its readings fresh, and a move leaves nothing to be done. */
export const PLAIN = {
  timing: { readLagMs: 0, confirm: { gapsMs: [1_000] } },
  repeatable: () => 'same-fingerprint',
  costs: { run: 4, confirm: 1, consultEnd: 0, followUp: 0 },
  steps: () => ['move'],
  forget: async () => undefined,
  leaves: () => [],
  followUp: async () => ({ is: 'gave-up', why: 'it has none', requests: [] }),
} as const satisfies Partial<Dialect>;

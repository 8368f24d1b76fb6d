import type { SettledFacts } from './record-steps.ts';
import type { Outcome } from './words.ts';

/** What the queue should do next with the transfer's job. `until` is epoch milliseconds by Redis' clock. */
export type Next =
  | { do: 'done'; outcome: Outcome; facts: SettledFacts }
  | { do: 'sleep'; until: number; inMs: number }
  | { do: 'hold'; until: number; inMs: number }
  | { do: 'hand-back' }
  | { do: 'park' }
  /** It happened although the transfer was settled otherwise: an operator must know. */
  | { do: 'contradicted'; outcome: Outcome; settledAs: Outcome }
  | { do: 'nothing'; why: string };

/** Why a transfer had to wait or retry; the label of `handover_retries_total`. */
export const retryReasons = [
  'server-error',
  'no-answer',
  'conflict',
  'stale-reading',
  'hold-off',
  'unconfirmed',
  'worker-lost',
] as const;
export type RetryReason = (typeof retryReasons)[number];

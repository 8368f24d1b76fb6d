import type { DeadLetterFilter } from '../transfer/dead-letter.ts';
import type { Actor, OutcomeStatus } from '../transfer/words.ts';

/** The dead letters of one action, at most. */
export const MOST_IN_ACTION = 10_000;

/**
 * Which dead letters an action concerns. `from` (inclusive) and `to` (exclusive): when they became dead letters, in epoch
 * milliseconds. `billing`: those of billing instead of transfers; only `ids`, `from` and `to` narrow these.
 */
export type ActionFilter = DeadLetterFilter & {
  ids?: string[] | undefined;
  from?: number | undefined;
  to?: number | undefined;
  billing?: boolean | undefined;
};

/** What is done with each: a replay, or an operator's word whether it happened. */
export type Deed = { action: 'replay' } | { action: 'resolve'; happened: boolean };

export const actionStates = ['running', 'stopped', 'done'] as const;
export type ActionState = (typeof actionStates)[number];

/** Why an action left out a dead letter that it found. */
export const skipReasons = [
  // Replayed, resolved or ended by somebody else, or never a dead letter.
  'not-a-dead-letter',
  // It changed after the action began, and no longer matches, or became a dead letter anew.
  'changed',
  // Another transfer holds its call.
  'call-already-in-transfer',
  // Only an unconfirmed transfer can be resolved.
  'not-unconfirmed',
  // It may have been sent: only an action for `kind: held` replays it.
  'held',
] as const;
export type SkipReason = (typeof skipReasons)[number];
export type Skipped = Partial<Record<SkipReason, number>>;

/** An action over many dead letters. Times are epoch milliseconds by Redis' clock. */
export type Action = Deed & {
  id: string;
  filter: ActionFilter;
  reason: string;
  actor: Actor;
  status: ActionState;
  total: number;
  done: number;
  /** Those that ended with an unexpected error; they are in the log. */
  failed: number;
  skipped: Skipped;
  /** How the transfers that it replayed have ended since, and how many have not; absent if it has replayed none. */
  ended?: Partial<Record<OutcomeStatus, number>>;
  open?: number;
  startedAt: number;
  /** 0 while it runs. */
  endedAt: number;
  /** Why it rests, in words; '' if it does not. */
  waits: string;
};

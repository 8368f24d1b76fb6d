import type { DeadLetter } from '../transfer/dead-letter.ts';
import type { Actor } from '../transfer/words.ts';
import type { Action, Deed, Skipped, SkipReason } from './words.ts';

export type NewAction = Pick<Action, 'id' | 'filter' | 'reason' | 'actor'> & {
  deed: Deed;
  /** Those that are left out from the start. */
  skipped: Skipped;
};

/** What became of one dead letter. */
export type Result = 'done' | 'failed' | `skipped:${SkipReason}`;

/**
 * The next dead letter; `again`: a worker that is gone had begun with it. `held`: another worker carries the action out. Otherwise
 * the action as it is now.
 */
export type Turn =
  | { is: 'next'; id: string; again: boolean }
  | { is: 'held' | 'rests' | 'stopped' | 'done' | 'unknown' };

/** `result`: of the one that this worker took before. `rests`: why it takes no further one now. */
export type Take = { owner: string; result?: Result | undefined; rests?: string | undefined };

export interface ActionStore {
  /** Stores an action over these dead letters, in their order; one atomic step with its audit. */
  start(action: NewAction, ids: string[]): Promise<void>;
  get(id: string): Promise<Action | undefined>;
  /** Ends it, with its audit, if it runs; else it stays as it is. `undefined` if there is none. */
  stop(id: string, actor: Actor, reason: string): Promise<Action | undefined>;
  /** Those that run, the oldest first. */
  running(): Promise<string[]>;
  /** Notes the result of the one before, and takes the next; one atomic step. */
  take(id: string, take: Take): Promise<Turn>;
}

export type Place = { at: number; id: string };

export interface DeadLetterReader {
  /**
   * Of this half-open range, newest first, after this one. A page that met records that are gone may be short and still have a
   * `next`.
   */
  page(query: {
    from: number;
    to: number;
    after: Place | undefined;
    limit: number;
  }): Promise<{ items: DeadLetter[]; next: Place | undefined }>;
  /** Those of these transfers that are dead letters. */
  find(ids: string[]): Promise<DeadLetter[]>;
}

/** A dead letter of billing; `at`: since when, in ISO 8601. */
export type BillingLetter = { id: string; queue: string; at: string };

import type { LeftToDo } from './follow-up-words.ts';
import type { Actor, Held, Intent, OpenStatus, Outcome, TransferRecord } from './words.ts';

/** What the record's atomic steps (`RecordStore`) take and give. */

export type Begun =
  /** `prepaid`: so many requests were taken from the budget for it. */
  | { begun: true; now: number; record: TransferRecord; prepaid: number }
  | { begun: false; why: 'unknown' | 'settled' | 'parked' }
  | { begun: false; why: 'early'; until: number; now: number }
  | { begun: false; why: 'held'; until: number; now: number; rule: string };

export type Fenced =
  | { fenced: true; at: number }
  | { fenced: false; why: 'unknown' | 'settled' | 'taken-over' | 'intent-open' }
  | { fenced: false; why: 'past-deadline' }
  /** `written`: it stands in Redis, and must not be relied on; it is taken back. */
  | { fenced: false; why: 'held'; until: number; rule: string; written?: true };

/** What an attempt that did not end the transfer leaves in the record. */
export type Deferral = {
  status: OpenStatus;
  nextAt: number;
  /** Gives the attempt back: a hold-off or a hand-back burns none. */
  refund: boolean;
  parked: boolean;
  intents: Intent[];
  verdict: Outcome | null;
  serverErrors: number;
  conflicts: number;
  unconfirmedReads: number;
  unconfirmedSince: number;
  /** Set where it waits because Redis may have forgotten that it was moved. */
  held?: Held | undefined;
  /** How many timeline entries this run has stored already, at the fence. */
  storedEntries: number;
};

/**
 * Who may end a transfer, and when:
 * `attempt` the run that holds the epoch; `seen` what saw that it happened; `unsent` a cancellation while no
 * intent is open; `overdue` the sweep, past the deadline while no intent is open; `operator` a person, while unconfirmed.
 */
export type Guard = 'attempt' | 'seen' | 'unsent' | 'overdue' | 'operator';

export type Settlement = {
  guard: Guard;
  epoch?: number | undefined;
  outcome: Outcome;
  intents?: Intent[] | undefined;
  /** How often the call had changed between reading and sending; stored with the outcome. */
  conflicts?: number | undefined;
  deadLetter: boolean;
  actor: Actor;
  /** What is left to be done; stored in the same step, where the outcome is `transferred`. */
  leaves?: LeftToDo[] | undefined;
};

export type Settled =
  | { settled: true; facts: SettledFacts }
  | { settled: false; why: 'unknown' | 'taken-over' | 'too-late' | 'not-due' | 'not-unconfirmed' }
  /** `contradicted`: it was seen to happen, but has another outcome already; listed with the dead letters. */
  | { settled: false; why: 'already' | 'contradicted'; outcome: Outcome };

/** What counters want to know about a transfer that just ended. */
export type SettledFacts = { acceptedAt: number; settledAt: number };

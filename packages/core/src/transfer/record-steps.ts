import type { LeftToDo } from './follow-up-words.ts';
import type { Actor, Held, Intent, OpenStatus, Outcome, TransferRecord, WaitReason } from './words.ts';

/** Input and results of the record's atomic steps (`RecordStore`). */

/** One operation is held off until then (epoch ms by Redis' clock). */
export type OperationHold = { operation: string; until: number; rule: string };

export type Begun =
  /** `prepaid`: how many requests the budget has already reserved for this run. `holds`: the operations that are held off. */
  | { begun: true; now: number; record: TransferRecord; prepaid: number; holds?: OperationHold[] }
  | { begun: false; why: 'unknown' | 'settled' | 'parked' }
  | { begun: false; why: 'early'; until: number; now: number }
  | { begun: false; why: 'held'; until: number; now: number; rule: string };

export type Fenced =
  | { fenced: true; at: number }
  | { fenced: false; why: 'unknown' | 'settled' | 'taken-over' | 'intent-open' }
  | { fenced: false; why: 'past-deadline' }
  /**
   * `written`: the intent is in Redis but must not be relied on; it is withdrawn. `operation`: only that of this effect is held
   * off; absent if all are.
   */
  | {
      fenced: false;
      why: 'held';
      until: number;
      rule: string;
      written?: true;
      operation?: string | undefined;
    };

/** What an attempt without an outcome stores in the record. */
export type Deferral = {
  status: OpenStatus;
  nextAt: number;
  /** A hold-off or a returned job consumes no attempt. */
  refund: boolean;
  parked: boolean;
  intents: Intent[];
  verdict: Outcome | null;
  serverErrors: number;
  conflicts: number;
  unconfirmedReads: number;
  unconfirmedSince: number;
  /** Why it waits until `nextAt`; shown with the transfer. */
  waitsFor?: WaitReason | undefined;
  /** Set if it waits because Redis may have lost the record of a move. */
  held?: Held | undefined;
  /** How many timeline entries the fence of this run has already stored. */
  storedEntries: number;
};

/**
 * Who may settle a transfer: `attempt`: the run with the current epoch; `seen`: an answer, reading or event showing the move;
 * `unsent`: a cancellation while no intent is open; `overdue`: the sweep, past the deadline while no intent is open;
 * `operator`: an operator, while unconfirmed.
 */
export type Guard = 'attempt' | 'seen' | 'unsent' | 'overdue' | 'operator';

export type Settlement = {
  guard: Guard;
  epoch?: number | undefined;
  outcome: Outcome;
  intents?: Intent[] | undefined;
  /** How often the call changed between reading and sending; stored with the outcome. */
  conflicts?: number | undefined;
  deadLetter: boolean;
  actor: Actor;
  /** Why a person cancels; stands in the audit. */
  because?: string | undefined;
  /** The follow-ups; stored in the same step if the outcome is `transferred`. */
  leaves?: LeftToDo[] | undefined;
};

export type Settled =
  | { settled: true; facts: SettledFacts }
  | { settled: false; why: 'unknown' | 'taken-over' | 'too-late' | 'not-due' | 'not-unconfirmed' }
  /** `contradicted`: it happened, but already has another outcome; listed with the dead letters. */
  | { settled: false; why: 'already' | 'contradicted'; outcome: Outcome };

/** What counters need about a settled transfer. */
export type SettledFacts = { acceptedAt: number; settledAt: number };

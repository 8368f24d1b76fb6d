import type { FollowUp } from './follow-up-words.ts';
import type { Begun, Deferral, Fenced, Settled, SettledFacts, Settlement } from './record-steps.ts';
import type { TargetType, TransferRequest, TransferType } from './request.ts';
import type {
  Acceptance,
  Actor,
  IdempotencyKey,
  Intent,
  KnownKey,
  Outcome,
  Replay,
  StoredTransfer,
  Submission,
  TimelineEntry,
  TransferRecord,
} from './words.ts';

/** The Redis interfaces that each operation needs; those for the platform are in ports.ts. */

/** A settled transfer, for counters; the types are unknown if its request could not be read. */
export type Ended = {
  outcome: Outcome;
  facts: SettledFacts;
  transferType?: TransferType | undefined;
  targetType?: TargetType | undefined;
};

export interface Counter {
  /** This process has settled a transfer. */
  ended(ended: Ended): void;
}

export interface RecordReader {
  /** The record of this transfer; `undefined` if there is none. */
  recordOf(id: string): Promise<TransferRecord | undefined>;
}

/** The part of a submission that happens in Redis. */
export interface Acceptances extends RecordReader {
  /** Reserves idempotency key and call and writes the record, in one atomic step. */
  accept(submission: Submission): Promise<Acceptance>;
  /** The transfer of this key and its first answer; `undefined` if the key is unknown. */
  lookUpKey(actor: Actor, key: IdempotencyKey): Promise<KnownKey | undefined>;
}

/** An action over many: it counts the end of each transfer, and leaves those that became dead letters later (epoch ms). */
export type ByAction = { id: string; deadBy: number };

export interface DeadLetters {
  /** Restarts a dead letter, in one atomic step. */
  replay(id: string, actor: Actor, reason: string, by?: ByAction): Promise<Replay>;
  get(id: string): Promise<StoredTransfer | undefined>;
}

/** What a job contains about its transfer. */
export type Waking = { id: string; request: TransferRequest; traceparent?: string | undefined };

/** The jobs that make a worker process transfers. */
export interface Wakes {
  /** Adds the jobs of accepted transfers; an existing job stays unchanged. */
  add(transfers: Waking[]): Promise<void>;
  /** Adds the job of an open transfer, replacing a finished one, or wakes one that overslept. */
  renew(record: TransferRecord): Promise<void>;
  /** Removes the job, unless a worker holds it. */
  remove(id: string): Promise<void>;
}

export interface FollowUpStore {
  /** A follow-up, its request and the time by Redis' clock; `undefined` if the record is gone. */
  find(id: string): Promise<{ followUp: FollowUp; request: TransferRequest; now: number } | undefined>;
  /** Stores the result of a try, unless the follow-up has ended or another try was stored since. One atomic step. */
  note(followUp: FollowUp, triesBefore: number): Promise<'noted' | 'stale'>;
  /** Removes it from the sweep's list. */
  forget(id: string): Promise<void>;
}

/**
 * Whether lowest-priority work may begin. Returns until when to wait and why, during a hold-off or while transfers need the
 * budget.
 */
export type Room = () => Promise<{ until: number; rule: string } | undefined>;

/** The record's atomic steps for an attempt. Each is one round trip. */
export interface RecordStore {
  /** Also reserves the run's first request, the reading of the call, from the budget. */
  begin(id: string): Promise<Begun>;
  /**
   * Writes the intent `intentId` with its `at`, if this run may still send and the budget covers the effect. `intents`: the whole
   * list. `compared`: the open intent that this run compared with a reading ('' = none). `knowsRecovery`: this run knows that
   * Redis may have lost data. `operation`: the platform's operation for the effect, if known.
   */
  fence(
    id: string,
    epoch: number,
    intent: {
      intentId: string;
      compared: string;
      intents: Intent[];
      knowsRecovery?: boolean;
      operation?: string | undefined;
    },
    entries: TimelineEntry[],
  ): Promise<Fenced>;
  defer(
    id: string,
    epoch: number,
    deferral: Deferral,
    entries: TimelineEntry[],
  ): Promise<'deferred' | 'stale'>;
  settle(id: string, settlement: Settlement, entries: TimelineEntry[]): Promise<Settled>;
}

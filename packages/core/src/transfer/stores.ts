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

/** What the verbs need of Redis, each as small as its verb; what they need of the platform stands in ports.ts. */

/** A transfer that ended, as counters hear of it. */
export type Ended = {
  outcome: Outcome;
  facts: SettledFacts;
  transferType: TransferType;
  targetType: TargetType;
};

export interface Counter {
  /** A transfer ended, and this process is the one that ended it. */
  ended(ended: Ended): void;
}

export interface RecordReader {
  /** The record of this transfer; `undefined` where there is none. */
  recordOf(id: string): Promise<TransferRecord | undefined>;
}

/** What becomes of a submission in Redis. */
export interface Acceptances extends RecordReader {
  /** Takes idempotency key and call and writes the record, in one atomic step. */
  accept(submission: Submission): Promise<Acceptance>;
  /** The transfer that this key stands for, and its first answer; `undefined` where the key never came. */
  lookUpKey(actor: Actor, key: IdempotencyKey): Promise<KnownKey | undefined>;
}

export interface DeadLetters {
  /** Starts a dead letter again, in one atomic step. */
  replay(id: string, actor: Actor, reason: string): Promise<Replay>;
  get(id: string): Promise<StoredTransfer | undefined>;
}

/** What a job says of its transfer. */
export type Waking = { id: string; request: TransferRequest; traceparent?: string | undefined };

/** The jobs that make a worker look at transfers. */
export interface Wakes {
  /** Adds the jobs of accepted transfers; one that is there already stays as it is. */
  add(transfers: Waking[]): Promise<void>;
  /** Adds the job of an open transfer, in place of a finished one, or wakes one that overslept. */
  renew(record: TransferRecord): Promise<void>;
  /** Removes the job, unless a worker holds it. */
  remove(id: string): Promise<void>;
}

export interface FollowUpStore {
  /** A follow-up, what was asked for, and the time by Redis' clock; `undefined` where the record is forgotten. */
  find(id: string): Promise<{ followUp: FollowUp; request: TransferRequest; now: number } | undefined>;
  /** Stores what came of a try, unless it has ended, or another try was stored since. One atomic step. */
  note(followUp: FollowUp, triesBefore: number): Promise<'noted' | 'stale'>;
  /** The sweep need not look for it any more. */
  forget(id: string): Promise<void>;
}

/**
 * May work of the lowest class begin? Gives until when to wait, and by which rule, while everybody holds off or the budget is
 * needed for transfers.
 */
export type Room = () => Promise<{ until: number; rule: string } | undefined>;

/** The record's atomic steps that an attempt needs. Each is one round trip. */
export interface RecordStore {
  /** The first request of a run that has begun, a reading of the call, is taken from the budget. */
  begin(id: string): Promise<Begun>;
  /**
   * Writes the intent `intentId`, its `at` stamped, if this run may still send and the budget bears it, from which the
   * effect is taken. `intents` is the whole list to store;
   * `knowsRecovery`: this run knows that Redis may have forgotten something, and has looked at that. `compared` names the open intent that this run has compared with a reading ('' = none was open).
   */
  fence(
    id: string,
    epoch: number,
    intent: { intentId: string; compared: string; intents: Intent[]; knowsRecovery?: boolean },
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

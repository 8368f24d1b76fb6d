import type { Delivery } from './callback-words.ts';
import type { FollowUp, LeftToDo } from './follow-up-words.ts';
import type { Target, TransferRequest, TransferType } from './request.ts';

/** The terms of a transfer, as docs/rules.md defines them. */

export const outcomeStatuses = ['transferred', 'rejected', 'expired', 'cancelled', 'failed'] as const;
export type OutcomeStatus = (typeof outcomeStatuses)[number];

/**
 * `queued`, then `active` during a run; until the next run `delayed`, `consulting` or `unconfirmed`. While no intent is open, the
 * API may cancel and the sweep may expire it; an operator or an event may settle one that stays unconfirmed.
 */
export const openStatuses = ['queued', 'active', 'delayed', 'consulting', 'unconfirmed'] as const;
export type OpenStatus = (typeof openStatuses)[number];
export type Status = OpenStatus | OutcomeStatus;

/** Why a rule or the platform may reject a transfer. */
export const rejectionReasons = [
  'not-permitted',
  'forbidden',
  'call-is-private',
  'call-ended',
  'call-moved',
  'call-not-found',
  'call-not-transferable',
  'agent-not-on-call',
  'needs-user-token',
  'target-unavailable',
  'refused-by-platform',
] as const;

/** Why a transfer may fail. */
export const failureReasons = [
  'conflict',
  'platform-unavailable',
  'target-gave-up',
  'workers-lost',
  'unreadable-job',
  'settled-by-operator',
] as const;

/** Why a transfer may be cancelled that nobody cancelled: in shadow mode nothing is sent. */
export const cancellationReasons = ['shadow'] as const;

/** Why a transfer ended as it did: a closed set; the platform's text goes into `detail`. */
export const reasons = [...rejectionReasons, ...failureReasons, ...cancellationReasons] as const;
export type Reason = (typeof reasons)[number];

/**
 * Who did it; recorded with every transfer, decision and log line. `role`: which of its roles allows it, for the audit; records
 * do not keep it.
 */
export type Actor =
  | { type: 'apiKey'; name: string; role?: string | undefined }
  | { type: 'operator'; name: string; role?: string | undefined }
  | { type: 'worker'; name: string }
  | { type: 'genesysEvent'; name: string }
  | { type: 'system'; name: string };

/** How a transfer was confirmed: by the platform's answer, a later reading, an event, or an operator. */
export const confirmations = ['answer', 'reading', 'event', 'operator'] as const;
export type ConfirmedBy = (typeof confirmations)[number];

export type Outcome = {
  status: OutcomeStatus;
  reason?: Reason | undefined;
  detail?: string | undefined;
  target?: Target | undefined;
  isFallback?: boolean | undefined;
  confirmedBy?: ConfirmedBy | undefined;
};

/** Where the call was after its last transfer, as far as the platform shows it. */
export type Placement = { transferType?: TransferType | undefined; target?: Target | undefined };

/**
 * The state of a call when read, in the terms of its dialect. The rules only compare fingerprints. `leg`: the part of the call
 * that an effect replaces, if the dialect distinguishes parts. `data` is private to the dialect.
 */
export type Mark = { dialect: string; fingerprint: string; leg: string | null; data: unknown };

/** What an effect does. */
export const effectKinds = [
  // Moves the caller: a blind transfer, or a consult in one step.
  'move',
  // Calls the target; the caller stays where they are.
  'consult-start',
  // Moves the caller to the called target.
  'consult-complete',
  // Releases the called target.
  'consult-cancel',
] as const;
export type EffectKind = (typeof effectKinds)[number];

/** When an effect may be sent again although the first request may have been executed: the platform refuses the second. */
export type Repeatable = 'same-fingerprint' | 'same-leg' | 'never';

export const intentStates = [
  // In flight, or its worker was lost.
  'sending',
  // The same, and an earlier request under this intent is in doubt.
  'sending-again',
  // No answer, or an inconclusive one: it may have happened.
  'in-doubt',
  // Refused because the call had changed; the next reading decides what follows.
  'refused',
  // The same, and an earlier request under this intent is in doubt.
  'refused-in-doubt',
  // Accepted by the platform; a reading or an event will show the result.
  'accepted',
  // A step that happened and was not the last one.
  'done',
  // Accepted by the platform, then abandoned.
  'gave-up',
  // No longer awaited; a late effect is still recognised.
  'closed-in-doubt',
  // No longer awaited, and never in doubt.
  'closed',
] as const;
export type IntentState = (typeof intentStates)[number];

/** What is about to be sent, stored durably before it is sent. */
export type Intent = {
  id: string;
  /** When it was written, in epoch milliseconds by Redis' clock. */
  at: number;
  effect: EffectKind;
  transferType: TransferType;
  target: Target;
  isFallback: boolean;
  /** The call as read before sending. */
  mark: Mark;
  /** Where the call was then, as far as the platform shows it. */
  before: Placement;
  repeatable: Repeatable;
  /** How often it was sent. */
  sends: number;
  /** When the refusal arrived, in epoch milliseconds by Redis' clock. */
  refusedAt?: number | undefined;
  state: IntentState;
  /** The follow-ups once it has happened; absent if none. */
  leaves?: LeftToDo[] | undefined;
};

/**
 * Neither sent nor settled, because Redis may have lost an intent. `from`: the earliest time of that intent, in epoch
 * milliseconds.
 */
export type Held = { from: number };

/** An outcome that was followed by a replay. `settledAt`: epoch milliseconds. */
export type Ending = { outcome: Outcome; conflicts: number; settledAt: number };

/** The source of truth about a transfer. Times are epoch milliseconds by Redis' clock. */
export type TransferRecord = {
  id: string;
  /** `null` only if a job was unreadable and no record existed for it. */
  request: TransferRequest | null;
  actor: Actor;
  status: Status;
  acceptedAt: number;
  expiresAt: number;
  /** Not processed before this time: `notBefore`, or the end of a wait. */
  nextAt: number;
  /** Runs that counted; a hold-off or a returned job does not. */
  attempts: number;
  /** The fencing token: the number of the latest run. */
  epoch: number;
  serverErrors: number;
  conflicts: number;
  /** Inconclusive readings since the transfer became unconfirmed. */
  unconfirmedReads: number;
  unconfirmedSince: number;
  /** Runs that never ended because their worker died. */
  interruptions: number;
  /** The open intent as stored in the record; '' = none. */
  openIntent: string;
  intents: Intent[];
  /** The negative outcome that waits for its proof: a reading after the settle window that shows the call unmoved. */
  verdict: Outcome | null;
  outcome: Outcome | null;
  settledAt: number;
  /** Which of our transfers moved the call last, and when that was settled; only `begin` loads it. */
  movedBy: { id: string; at: number } | null;
  /** Listed with the dead letters without an outcome: it stayed unconfirmed too long. */
  parked: boolean;
  /** Redis may have lost data since then; only `begin` loads it. `unsure`: not known yet. */
  recovery: { since: number; unsure: boolean } | null;
  held: Held | null;
  /** An operator replayed it. */
  replayed: boolean;
  /** Why it waits until `nextAt`, as its last run stored it; absent if unknown. */
  waitsFor?: WaitReason | undefined;
  /** When it proved to have happened although it had ended otherwise; 0 = never. */
  contradictedAt?: number | undefined;
  /** The outcomes after which it was replayed, in order; absent if none. */
  endings?: Ending[] | undefined;
  /** The follow-ups, in order; empty if none. */
  followUps: FollowUp[];
  /** The callbacks, in order; empty if its API key has no receiver. */
  callbacks: Callback[];
  /** Timeline entries removed because their waits are only counted. */
  folded: number;
  /** Continues its trace (W3C Trace Context); absent without tracing (docs/operations/tracing.md). */
  traceparent?: string | undefined;
};

/** A callback as stored with its transfer. `shows`: what its message says of the transfer that may change later, as by a replay. */
export type Callback = Delivery & {
  shows: Pick<TransferRecord, 'status' | 'outcome' | 'attempts' | 'expiresAt'>;
};

/** What an open transfer waits for. */
export const waitReasons = [
  // A worker.
  'turn',
  // The time at which it may start.
  'not-before',
  // A request of the budget.
  'budget',
  // The end of a hold-off that the platform asked for.
  'hold-off',
  // An operator, who has paused the queue.
  'paused',
  // The next try, after an error or a change of the call.
  'retry',
  // A reading that shows whether the effect happened.
  'proof',
  // The end of an accepted request; without a time, an operator or an event.
  'confirmation',
  // The answer of the target of a consult.
  'consult',
] as const;
export type WaitReason = (typeof waitReasons)[number];

/** What an entry of a timeline tells: a closed set. */
export const steps = [
  'accepted',
  'started',
  'read',
  'compared',
  'decided',
  'intent',
  'sent',
  'waiting',
  'outcome',
  'contradicted',
  'parked',
  'replayed',
  'too-late',
] as const;
export type Step = (typeof steps)[number];

/**
 * One request to Genesys and its answer; `status` is `null` without an answer. `correlationId`: Genesys' id of it, for its support.
 */
export type RequestNote = {
  operation: string;
  status: number | null;
  ms: number;
  correlationId?: string | undefined;
};

/** One decision: the rule, the evidence and its age, the requests and their answers, and the result. */
export type TimelineEntry = {
  /** Epoch milliseconds by Redis' clock; 0 = set by the script that stores it. */
  at: number;
  step: Step;
  by: string;
  attempt?: number | undefined;
  rule?: string | undefined;
  evidence?: Record<string, unknown> | undefined;
  ageMs?: number | undefined;
  requests?: RequestNote[] | undefined;
  decided?: string | undefined;
  detail?: string | undefined;
  ms?: number | undefined;
  /** On `waiting`: the number of consecutive waits it represents; the first began at `since` (epoch milliseconds). */
  times?: number | undefined;
  since?: number | undefined;
  /** On `accepted` only, if the transfer has a trace. */
  traceId?: string | undefined;
};

/** A transfer as stored. */
export type StoredTransfer = { record: TransferRecord; timeline: TimelineEntry[] };

/** Belongs to one API key and one route; `fingerprint` identifies the body. */
export type IdempotencyKey = { route: string; key: string; fingerprint: string };

/** The transfer of a key and its first answer. */
export type KnownKey = { sameBody: boolean; id: string; status: Status };

export type Submission = {
  id: string;
  request: TransferRequest;
  actor: Actor;
  idempotency?: IdempotencyKey | undefined;
  /** Continues its trace; stored with the record, so that every job of the transfer carries it. */
  traceparent?: string | undefined;
};

export type BadTime = { field: 'notBefore' | 'expiresAt'; why: 'past' | 'too-far' };

export type Acceptance =
  | { accepted: true; id: string; status: Status; traceparent?: string | undefined }
  /** The same key and body came before: its first answer, and the current status ('' = record gone). */
  | {
      accepted: 'before';
      id: string;
      status: Status;
      statusNow: Status | '';
      traceparent?: string | undefined;
    }
  | { accepted: false; why: 'other-body' }
  /** Redis' clock does not allow these times. */
  | { accepted: false; why: 'bad-times'; times: BadTime[] }
  | { accepted: false; why: 'call-held'; holder: string };

export type Replay =
  | { replayed: true; expiresAt: number }
  | { replayed: false; why: 'unknown' | 'not-dead-letter' }
  | { replayed: false; why: 'call-held'; holder: string };

/** `apiKey:crm`, `worker:host-1`: the actor as timelines and logs show it. */
export function actorLabel(actor: Actor): string {
  return `${actor.type}:${actor.name}`;
}

export function isOutcome(status: Status): status is OutcomeStatus {
  return (outcomeStatuses as readonly string[]).includes(status);
}

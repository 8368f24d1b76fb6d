import type { FollowUp, LeftToDo } from './follow-up-words.ts';
import type { Target, TransferRequest, TransferType } from './request.ts';

/**
 * The words of a transfer, used nowhere else loosely.
 *
 * request     what an upstream asks for: move this call to this target, before this deadline
 * transfer    a request that was accepted, with its id, record, timeline and, in the end, one outcome
 * record      the truth about a transfer, in Redis; the job is only the wake-up that makes a worker look at it
 * attempt     one run of a worker over a transfer; its epoch is the fencing token of that run
 * effect      the one Genesys call that moves the caller: cannot be undone, must happen at most once
 * intent      the note, durable before the effect is sent, of what is about to be sent
 * outcome     how a transfer ended
 * follow-up   a step after the outcome that never changes it (follow-up-words.ts)
 * unconfirmed the effect was sent and it is not known yet whether it happened; never shown as `failed`
 *
 * queued ─▶ active ─▶ transferred | rejected | expired | failed
 *   │         │ ▲
 *   │         ▼ │
 *   │       delayed, consulting, unconfirmed ─▶ (a person or an event settles what stayed unconfirmed)
 *   └──▶ cancelled, expired         (also from delayed: by API or sweep, while no intent is open)
 */

export const outcomeStatuses = ['transferred', 'rejected', 'expired', 'cancelled', 'failed'] as const;
export type OutcomeStatus = (typeof outcomeStatuses)[number];

export const openStatuses = ['queued', 'active', 'delayed', 'consulting', 'unconfirmed'] as const;
export type OpenStatus = (typeof openStatuses)[number];
export type Status = OpenStatus | OutcomeStatus;

/** Why a rule or the platform may say no. */
export const rejectionReasons = [
  'not-permitted',
  'forbidden',
  'call-is-private',
  'call-ended',
  'call-moved',
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

/** Why a transfer ended as it did: a closed set of our own words; the platform's words go into `detail`. */
export const reasons = [...rejectionReasons, ...failureReasons] as const;
export type Reason = (typeof reasons)[number];

/** Who did it; stamped on every transfer, decision and log line. */
export type Actor =
  | { type: 'apiKey'; name: string }
  | { type: 'operator'; name: string }
  | { type: 'worker'; name: string }
  | { type: 'genesysEvent'; name: string }
  | { type: 'system'; name: string };

/** How we know that a transfer happened: the platform's answer, a later read, an event, or a person's word. */
export type ConfirmedBy = 'answer' | 'reading' | 'event' | 'operator';

export type Outcome = {
  status: OutcomeStatus;
  reason?: Reason | undefined;
  detail?: string | undefined;
  target?: Target | undefined;
  isFallback?: boolean | undefined;
  confirmedBy?: ConfirmedBy | undefined;
};

/** Where a call stood after its last transfer, as far as the platform tells. */
export type Placement = { transferType?: TransferType | undefined; target?: Target | undefined };

/**
 * What a call looked like when it was read, in the terms of its dialect. The rules only ask whether two fingerprints are equal;
 * `leg` is the part of the call that a sending replaces, where the dialect knows parts; `data` is the dialect's own.
 */
export type Mark = { dialect: string; fingerprint: string; leg: string | null; data: unknown };

/**
 * What a sending does.
 * move              moves the caller: a blind transfer, or a consult in one step
 * consult-start     calls the target, while the caller stays where they are
 * consult-complete  moves the caller to the target that was called
 * consult-cancel    lets that target go again
 */
export const effectKinds = ['move', 'consult-start', 'consult-complete', 'consult-cancel'] as const;
export type EffectKind = (typeof effectKinds)[number];

/** When a sending may be repeated although the first one may have happened: the platform itself would refuse the second. */
export type Repeatable = 'same-fingerprint' | 'same-leg' | 'never';

/**
 * sending           in flight, or its worker is lost
 * sending-again     the same, and an earlier sending under this intent is in doubt
 * in-doubt          no answer, or one that proves nothing: it may have happened
 * refused           the platform refused it, since the call had changed; the next reading says what follows
 * refused-in-doubt  the same, and an earlier sending under this intent is in doubt
 * accepted          the platform took it; a reading or an event will show how that ends
 * done              a step that happened and was not the last one
 * gave-up           the platform took it and gave it up
 * closed-in-doubt   no longer waited for; a late effect is still recognised
 * closed            no longer waited for, and never in doubt
 */
export const intentStates = [
  ...(['sending', 'sending-again', 'in-doubt', 'refused', 'refused-in-doubt', 'accepted'] as const),
  ...(['done', 'gave-up', 'closed-in-doubt', 'closed'] as const),
] as const;
export type IntentState = (typeof intentStates)[number];

/** What is about to be sent, durable before it is sent. */
export type Intent = {
  id: string;
  /** When it was written, in epoch milliseconds by Redis' clock. */
  at: number;
  effect: EffectKind;
  transferType: TransferType;
  target: Target;
  isFallback: boolean;
  /** The call as it was read before. */
  mark: Mark;
  /** Where it stood then, as far as the platform tells. */
  before: Placement;
  repeatable: Repeatable;
  /** How often it was sent. */
  sends: number;
  /** When we heard that the platform refused it, likewise. */
  refusedAt?: number | undefined;
  state: IntentState;
  /** What it leaves to be done once it has happened; absent where that is nothing. */
  leaves?: LeftToDo[] | undefined;
};

/**
 * Neither sent nor ended, because Redis may have forgotten a sending of ours. `from`: the earliest time at which that may
 * have been, in epoch milliseconds.
 */
export type Held = { from: number };

/** The truth about a transfer. Times are epoch milliseconds by Redis' clock. */
export type TransferRecord = {
  id: string;
  /** `null` only where a job could not be read and no record was ever written for it. */
  request: TransferRequest | null;
  actor: Actor;
  status: Status;
  acceptedAt: number;
  expiresAt: number;
  /** Not to be looked at before this time: `notBefore`, or the end of a wait. */
  nextAt: number;
  /** Runs that counted; a hold-off or a hand-back burns none. */
  attempts: number;
  /** The fencing token: the number of the latest run. */
  epoch: number;
  serverErrors: number;
  conflicts: number;
  /** Readings that proved nothing since the transfer became unconfirmed. */
  unconfirmedReads: number;
  unconfirmedSince: number;
  /** Runs that never ended: their worker died. */
  interruptions: number;
  /** Which intent is open, as the record has it; '' = none. */
  openIntent: string;
  intents: Intent[];
  /** The negative outcome that waits for its proof: a reading after the settle window that shows the call unmoved. */
  verdict: Outcome | null;
  outcome: Outcome | null;
  settledAt: number;
  /** Which transfer of ours moved the call last, and when that was settled; known to the runs of a worker only. */
  movedBy: { id: string; at: number } | null;
  /** Listed with the dead letters although it has no outcome: it stayed unconfirmed too long. */
  parked: boolean;
  /** Redis may have forgotten something since; known to the runs of a worker only. `unsure`: that is not known yet. */
  recovery: { since: number; unsure: boolean } | null;
  held: Held | null;
  /** A person asked for it once more. */
  replayed: boolean;
  /** What is done after the outcome, in order; empty where it left nothing. */
  followUps: FollowUp[];
  /** Entries that were taken out of the timeline again, since the wait that they led to is only counted. */
  folded: number;
  /** Where its trace goes on (W3C Trace Context); absent where it has none (docs/operations/tracing.md). */
  traceparent?: string | undefined;
};

export type Step =
  | 'accepted'
  | 'started'
  | 'read'
  | 'compared'
  | 'decided'
  | 'intent'
  | 'sent'
  | 'waiting'
  | 'outcome'
  | 'contradicted'
  | 'parked'
  | 'replayed'
  | 'too-late';

/** One request to Genesys and its answer; `status` is `null` when no answer came. */
export type RequestNote = { operation: string; status: number | null; ms: number };

/** One decision of a transfer: the rule, the evidence and its age, the request and its answer, what was decided. */
export type TimelineEntry = {
  /** Epoch milliseconds by Redis' clock; 0 = to be stamped by the script that stores it. */
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
  /** On `waiting`: it stands for so many waits in a row, the first of which began at `since` (epoch milliseconds). */
  times?: number | undefined;
  since?: number | undefined;
  /** On `accepted` only, where the transfer has a trace. */
  traceId?: string | undefined;
};

/** A transfer as it is stored. */
export type StoredTransfer = { record: TransferRecord; timeline: TimelineEntry[] };

/** Belongs to one API key and one route; `fingerprint` tells whether the body is the same. */
export type IdempotencyKey = { route: string; key: string; fingerprint: string };

/** The transfer that a key stands for, and its first answer. */
export type KnownKey = { sameBody: boolean; id: string; status: Status };

export type Submission = {
  id: string;
  request: TransferRequest;
  actor: Actor;
  idempotency?: IdempotencyKey | undefined;
  /** Where its trace goes on; kept with the record, so that every job of the transfer carries it. */
  traceparent?: string | undefined;
};

export type BadTime = { field: 'notBefore' | 'expiresAt'; why: 'past' | 'too-far' };

export type Acceptance =
  | { accepted: true; id: string; status: Status; traceparent?: string | undefined }
  /** The same key and body came before: its first answer, and where the transfer stands now ('' = forgotten). */
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

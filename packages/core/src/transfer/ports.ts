import type { FollowUp, LeftToDo } from './follow-up-words.ts';
import type { Purse } from './purse.ts';
import type { Target, TransferMode, TransferRequest, TransferType } from './request.ts';
import type { EffectKind, Intent, Mark, Placement, Repeatable, RequestNote } from './words.ts';

/** What a refusal of the platform means, whatever its form. */
export const meanings = [
  // The call has changed since it was read.
  'changed',
  // The resource does not exist, or no longer.
  'gone',
  // The resource does not exist or is not visible; whether it ever existed is unknown.
  'not-found',
  // The target of the effect does not exist, or cannot be the target of this call.
  'target-gone',
  // The call is in a state in which no transfer is possible.
  'not-transferable',
  // Requires the agent's own token.
  'needs-user',
  // Not allowed, permanently.
  'forbidden',
  // Any other error that a retry does not fix.
  'invalid',
  // The token is no longer valid.
  'unauthorized',
  // Too many requests.
  'limited',
  // Says nothing about the request itself: retryable.
  'unwell',
] as const;
export type Meaning = (typeof meanings)[number];

/** Why one request to the platform failed. Never contains a secret or a token. */
export type Failure =
  /** The platform itself answered with something other than 2xx. `retryAfterMs`: the earliest time for a retry. */
  | {
      kind: 'answered';
      /** For logs and timelines; the dialect decides what it means. */
      status: number;
      /** `unwell` if absent. */
      means?: Meaning | undefined;
      code?: string | undefined;
      message?: string | undefined;
      /** What the dialect knows about it: the likely cause, or what is missing. */
      hint?: string | undefined;
      retryAfterMs?: number | undefined;
      /** The platform's id of this request, for its support. */
      trace?: string | undefined;
    }
  /**
   * An answer, of any status, that is not in the platform's form (docs/voice-api.md): from a proxy, a firewall or a maintenance
   * page. `what`: its form.
   */
  | {
      kind: 'intercepted';
      status: number;
      what: string;
      /** A success status: the intermediary has probably forwarded the request. */
      passedOn: boolean;
      retryAfterMs?: number | undefined;
    }
  /** `sent: false` means that no byte can have reached the platform. */
  | { kind: 'no-answer'; sent: boolean; detail: string }
  /** A 2xx of the platform with a field that is missing or unreadable. */
  | { kind: 'malformed'; detail: string }
  /**
   * A hold-off is in effect or the budget is used up: the request was not sent, or was answered with 429. `what`: the form of a
   * 429 that is not in the platform's form. `operation`: only this operation is held off; absent if all are.
   */
  | {
      kind: 'held';
      until: number;
      answered: boolean;
      rule: string;
      what?: string | undefined;
      operation?: string | undefined;
    }
  /** Shutdown: the request was abandoned before it was sent. */
  | { kind: 'stopped' };

export type Reading<T> =
  /** `ageMs`: the age of a cached value; 0 for a fresh read. */
  | { ok: true; value: T; ageMs: number; requests: RequestNote[] }
  | { ok: false; failure: Failure; requests: RequestNote[] };

export type Agent = { id: string; mayTransfer: boolean; why: string };
/** Why the agent cannot move this call. `not-yet`: for a moment only. */
export type Obstacle =
  | { is: 'not-yet'; words: string }
  | { is: 'agent-not-on-call' | 'call-not-transferable'; words: string };

export type Call = {
  id: string;
  ended: boolean;
  state: string;
  private: boolean;
  /** What makes it private, and the setting that decides; absent where the platform itself says so. */
  whyPrivate?: string | undefined;
  /** Absent where nothing is in the way, or where the dialect does not know. */
  obstacle?: Obstacle | undefined;
  placement: Placement;
  mark: Mark;
  /** The reading in the dialect's own terms, for its trace; never stored. */
  seen?: unknown;
};
export type Availability = { open: boolean; state: string };

export interface AgentReader {
  /** Reads the agent and whether they may transfer to these targets. May come from a short-lived cache. */
  readAgent(
    request: Pick<TransferRequest, 'userId' | 'target' | 'fallback'>,
    signal: AbortSignal,
  ): Promise<Reading<Agent>>;
}

/** `decides`: a decision depends on it, so one more request may find out why there is no such call. */
export type WantedCall = Pick<TransferRequest, 'callId' | 'userId' | 'from'> & {
  decides?: boolean | undefined;
};

export interface CallReader {
  /** Always a fresh read, from the view of this agent. `purse`: may contain a prepaid request for it. */
  readCall(of: WantedCall, signal: AbortSignal, purse?: Purse): Promise<Reading<Call>>;
}

export interface TargetReader {
  /** Reads whether the target is open. May come from a short-lived cache. */
  readTarget(target: Target, signal: AbortSignal): Promise<Reading<Availability>>;
}

export type MoveCommand = {
  effect: EffectKind;
  callId: string;
  userId: string;
  transferType: TransferType;
  target: Target;
  mode?: TransferMode | undefined;
  wrapUpCodeId?: string | undefined;
  /** The call as read for this decision. */
  mark: Mark;
};

/**
 * The result of sending an effect. `done`: the platform confirmed it. `accepted`: the platform accepted the request; a reading or
 * an event will show how it ends. `shut`: the gate refused, so nothing was sent.
 */
export type MoveAnswer =
  | { moved: 'done' | 'accepted'; requests: RequestNote[] }
  | { moved: 'shut'; requests: RequestNote[] }
  | { moved: 'failed'; gate: 'opened' | 'not-reached'; failure: Failure; requests: RequestNote[] };

/**
 * Whether the effect may be sent now. `operation`: the platform's operation that it uses, which may be held off by itself.
 */
export type Gate = (operation?: string) => Promise<boolean>;

export interface CallMover {
  /** The operation that moves a caller to this target; absent if every target has the same. Pure. */
  operationFor?(target: Target): string;
  /**
   * Sends the effect. `gate` is awaited immediately before the bytes leave, each time; if it gives `false`, nothing is sent. It
   * checks hold-off and budget itself. An adapter must do nothing slow between the gate and the socket.
   */
  move(command: MoveCommand, gate: Gate, signal: AbortSignal): Promise<MoveAnswer>;
}

export interface Forgetter {
  /** An answer contradicted the cache (a 403, a 404): the next look-up asks the platform. */
  forget(what: { userId: string } | { target: Target }): Promise<void>;
}

/**
 * What a reading of the call shows about one intent. A stale reading may hide an effect, but never invents one. `moved`: it was
 * executed; for the start of a consult, the consult has begun. `words`: why.
 */
export type Trace =
  | { shows: 'moved' | 'under-way' | 'elsewhere' | 'nothing-new' | 'proves-nothing'; words: string }
  | { shows: 'gave-up'; by: 'genesys' | 'somebody'; words: string };

export interface Tracer {
  /** Pure. */
  trace(intent: Intent, call: Call): Trace;
}

/** When to check an accepted request, unless an event comes first: the gaps between readings in ms; the last one repeats. */
export type Plan = { gapsMs: readonly [number, ...number[]] };

/** `readLagMs`: how stale a fresh reading may be. */
export type Timing = { readLagMs: number; confirm: Plan };

/**
 * The state of a consult. `ringing`: the target has not answered, or is not visible yet. `lost`: it cannot be completed, but must
 * be cancelled. `over`: nothing is left to cancel. `completed`: the caller is with the target. `words`: why.
 */
export type ConsultStanding = {
  is: 'ringing' | 'answered' | 'completed' | 'lost' | 'over';
  words: string;
};

/** What a dialect with two-step transfers defines about them. */
export interface Consults {
  /** When to check for an answer, and how long the target may ring, in ms from the start. */
  readonly plan: Plan & { longestMs: number };
  /** The state of the consult that this intent started, as a reading shows it. Pure. */
  standing(start: Intent, call: Call): ConsultStanding;
}

/**
 * The maximum number of requests of: a run, a run that only checks an accepted request, the end of a consult (0 without
 * consults), and one try of a follow-up.
 */
export type Costs = { run: number; confirm: number; consultEnd: number; followUp: number };

/** The result of one try. `later`: try again; `failure`: the failed request, if any. `why`: as text. */
export type FollowUpAnswer =
  | { is: 'done' | 'superseded' | 'gave-up'; why: string; requests: RequestNote[] }
  | { is: 'later'; why: string; failure?: Failure | undefined; requests: RequestNote[] };

export interface FollowerUp {
  /** The follow-ups that this effect needs once it has happened. Pure: stored with the intent, before anything is sent. */
  leaves(
    request: TransferRequest,
    intent: Pick<Intent, 'effect' | 'transferType' | 'target' | 'mark'>,
  ): LeftToDo[];
  /** Tries a follow-up once. Must be idempotent: the same one may come again, also after it was done. */
  followUp(followUp: FollowUp, request: TransferRequest, signal: AbortSignal): Promise<FollowUpAnswer>;
}

/** One Genesys API as the transfer rules see it. Everything else about it is in its folder. */
export type Dialect = AgentReader &
  CallReader &
  TargetReader &
  CallMover &
  Forgetter &
  Tracer &
  FollowerUp & {
    readonly timing: Timing;
    readonly costs: Costs;
    /** The effects that a request takes, in order; each has its own intent. */
    steps(request: Pick<TransferRequest, 'transferType'>): readonly [EffectKind, ...EffectKind[]];
    /** When an effect may be sent again although the first request may have been executed. */
    repeatable(
      request: Pick<TransferRequest, 'transferType' | 'mode'>,
      effect: EffectKind,
      mark: Mark,
    ): Repeatable;
    /** Why the dialect cannot execute such a request at all; `undefined` if it can. Pure. */
    refuses?(
      request: TransferRequest,
    ): { reason: 'needs-user-token' | 'refused-by-platform'; words: string } | undefined;
    /** Required if a request takes two steps. */
    readonly consults?: Consults;
  };

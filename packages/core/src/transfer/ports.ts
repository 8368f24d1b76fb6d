import type { FollowUp, LeftToDo } from './follow-up-words.ts';
import type { Purse } from './purse.ts';
import type { Target, TransferRequest, TransferType } from './request.ts';
import type { EffectKind, Intent, Mark, Placement, Repeatable, RequestNote } from './words.ts';

/**
 * What a refusal of the platform means, whatever its form.
 * changed       the call is no longer as it was read
 * gone          there is no such thing, or no longer
 * forbidden     not allowed, for good
 * invalid       anything else that trying again does not help
 * unauthorized  the token counts no longer
 * limited       too many requests
 * unwell        says nothing about the request itself: it may be tried again
 */
export const meanings = [
  ...(['changed', 'gone', 'forbidden', 'invalid', 'unauthorized', 'limited', 'unwell'] as const),
] as const;
export type Meaning = (typeof meanings)[number];

/** What went wrong with one request to the platform. Never carries a secret or a token. */
export type Failure =
  /** The platform itself answered with something other than 2xx. `retryAfterMs`: not to be asked again before. */
  | {
      kind: 'answered';
      /** For people; what it means is for the dialect to say. */
      status: number;
      /** `unwell` where it is not given. */
      means?: Meaning | undefined;
      code?: string | undefined;
      message?: string | undefined;
      retryAfterMs?: number | undefined;
    }
  /**
   * An answer of any status that is not in the platform's form (docs/voice-api.md): a proxy, a firewall or a maintenance
   * page in between. `what`: the form that it came in.
   */
  | {
      kind: 'intercepted';
      status: number;
      what: string;
      /** It answered as if all were well, so it has probably passed the request on. */
      passedOn: boolean;
      retryAfterMs?: number | undefined;
    }
  /** `sent: false` means that no byte can have reached the platform. */
  | { kind: 'no-answer'; sent: boolean; detail: string }
  /** The platform's own 2xx, with a field that is missing or that we do not understand. */
  | { kind: 'malformed'; detail: string }
  /**
   * Everybody holds off, or the budget is used up: this request was not sent, or was answered with 429. `what`: the form of
   * a 429 that is not in the platform's.
   */
  | { kind: 'held'; until: number; answered: boolean; rule: string; what?: string | undefined }
  /** We are shutting down, and this request was given up before it was sent. */
  | { kind: 'stopped' };

export type Reading<T> =
  /** `ageMs`: how old the evidence is; 0 for a fresh read. */
  | { ok: true; value: T; ageMs: number; requests: RequestNote[] }
  | { ok: false; failure: Failure; requests: RequestNote[] };

export type Agent = { id: string; mayTransfer: boolean; why: string };
export type Call = {
  id: string;
  ended: boolean;
  state: string;
  private: boolean;
  placement: Placement;
  mark: Mark;
};
export type Availability = { open: boolean; state: string };

export interface AgentReader {
  /** Who is the agent, and may they transfer? May come from a short cache. */
  readAgent(userId: string, signal: AbortSignal): Promise<Reading<Agent>>;
}

export interface CallReader {
  /** Always a fresh read. `purse`: may hold a request for it. */
  readCall(callId: string, signal: AbortSignal, purse?: Purse): Promise<Reading<Call>>;
}

export interface TargetReader {
  /** Does the target take calls? May come from a short cache. */
  readTarget(target: Target, signal: AbortSignal): Promise<Reading<Availability>>;
}

export type MoveCommand = {
  effect: EffectKind;
  callId: string;
  userId: string;
  transferType: TransferType;
  target: Target;
  wrapUpCodeId?: string | undefined;
  /** The call as it was read for this decision. */
  mark: Mark;
};

/**
 * What became of a sending. `done`: the platform says that it has carried it out. `accepted`: it has taken it, and a reading or
 * an event will show how that ends. `shut`: the gate stayed shut, nothing was sent.
 */
export type MoveAnswer =
  | { moved: 'done' | 'accepted'; requests: RequestNote[] }
  | { moved: 'shut'; requests: RequestNote[] }
  | { moved: 'failed'; gate: 'opened' | 'not-reached'; failure: Failure; requests: RequestNote[] };

export interface CallMover {
  /**
   * Sends the effect. `gate` is awaited directly before the bytes leave, each time they do; when it gives `false`
   * nothing is sent. It looks at hold-off and budget itself, too. An adapter does nothing slow between the gate and the socket.
   */
  move(command: MoveCommand, gate: () => Promise<boolean>, signal: AbortSignal): Promise<MoveAnswer>;
}

export interface Forgetter {
  /** Something contradicted the cache (a 403, a 404): the next look-up asks the platform. */
  forget(what: { userId: string } | { target: Target }): Promise<void>;
}

/**
 * What one reading of the call says about one sending. A reading may be old: it hides, it never invents. `moved`: it was carried
 * out; of the start of a consult that it has begun. `words`: why.
 */
export type Trace =
  | { shows: 'moved' | 'under-way' | 'elsewhere' | 'nothing-new' | 'proves-nothing'; words: string }
  | { shows: 'gave-up'; by: 'genesys' | 'somebody'; words: string };

export interface Tracer {
  /** Pure. */
  trace(intent: Intent, call: Call): Trace;
}

/** When to look for the end of an accepted sending, where no event tells it first: the gaps between readings in ms; the last repeats. */
export type Plan = { gapsMs: readonly [number, ...number[]] };

/** `readLagMs`: how old a reading may be although it is fresh. */
export type Timing = { readLagMs: number; confirm: Plan };

/**
 * How a consult stands. `ringing`: the target has not answered, or is not shown yet. `lost`: it cannot be completed any more, and
 * there is something to cancel. `over`: nothing is left of it. `completed`: the caller is with the target. `words`: why.
 */
export type ConsultStanding = {
  is: 'ringing' | 'answered' | 'completed' | 'lost' | 'over';
  words: string;
};

/** What a dialect whose transfers take two steps says of them. */
export interface Consults {
  /** When to look for an answer, and how long the target may ring, in ms from the start on. */
  readonly plan: Plan & { longestMs: number };
  /** How the consult of this start stands, as a reading shows it. Pure. */
  standing(start: Intent, call: Call): ConsultStanding;
}

/**
 * How many requests these may need: a run, one that only looks for the end of an accepted sending, the end of a consult (0: there are
 * none), and one try of a follow-up.
 */
export type Costs = { run: number; confirm: number; consultEnd: number; followUp: number };

/** What came of one try. `later`: try again; `failure`: of the request that failed, where one did. `why`: in words. */
export type FollowUpAnswer =
  | { is: 'done' | 'superseded' | 'gave-up'; why: string; requests: RequestNote[] }
  | { is: 'later'; why: string; failure?: Failure | undefined; requests: RequestNote[] };

export interface FollowerUp {
  /** What such a sending leaves to be done once it has happened. Pure: it is stored with the intent, before anything is sent. */
  leaves(
    request: TransferRequest,
    intent: Pick<Intent, 'effect' | 'transferType' | 'target' | 'mark'>,
  ): LeftToDo[];
  /** Tries one of those once. The same one may come again, also after it was done. */
  followUp(followUp: FollowUp, request: TransferRequest, signal: AbortSignal): Promise<FollowUpAnswer>;
}

/** One API of Genesys, as the rules of a transfer see it. Everything else about it stands in its folder. */
export type Dialect = AgentReader &
  CallReader &
  TargetReader &
  CallMover &
  Forgetter &
  Tracer &
  FollowerUp & {
    readonly timing: Timing;
    readonly costs: Costs;
    /** The sendings that a request takes, in order; each has an intent of its own. */
    steps(request: Pick<TransferRequest, 'transferType'>): readonly [EffectKind, ...EffectKind[]];
    /** When such a sending may be repeated although the first one may have happened. */
    repeatable(request: Pick<TransferRequest, 'transferType'>, effect: EffectKind): Repeatable;
    /** Needed where a request takes two steps. */
    readonly consults?: Consults;
  };

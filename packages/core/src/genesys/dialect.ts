import type { ParsedEvent } from '../billing/event.ts';
import type { WebhookRegistrar } from '../billing/register.ts';
import type { Check, Finding } from '../checks/check.ts';
import type { Call, Dialect } from '../transfer/ports.ts';
import type { FieldError, TransferRequest } from '../transfer/request.ts';
import type { Said } from './http/answers.ts';
import type { Cache } from './http/cache.ts';
import type { AnswerReader, Client } from './http/client.ts';
import type { OAuthClient, TokenForm } from './http/token.ts';
import type { Policies } from './policies.ts';
import type { Probe } from './probe.ts';

export const dialectNames = ['voice', 'platform'] as const;
export type DialectName = (typeof dialectNames)[number];

export type DialectParts = {
  client: Client;
  cache: Cache;
  userTtlMs: number;
  queueTtlMs: number;
  /** How old a reading may be, where the dialect's own guess is not meant, in ms. */
  readLagMs?: number | undefined;
  /** How many times shorter the waits of training are; 1 for live work, the default. */
  speed?: number | undefined;
  /** What decides beside the readings, where the dialect does not say it itself. */
  policies?: Policies | undefined;
  /** Epoch milliseconds by Redis' clock. */
  now: () => Promise<number>;
};

/** A dialect connected to an organisation. */
export type ConnectedDialect = { transfers: Dialect; webhooks: WebhookRegistrar };

/** Where an organisation tells its limits, and what they say: requests per minute of our token. Pure. */
export type OrgLimits = { path: string; perMinute(body: unknown): number | undefined };

/**
 * One API of Genesys (docs/rules.md, "Dialects"): everything specific to it. Every function except `connect` is pure, and none
 * throws for what Genesys sends.
 */
export interface DialectDefinition extends AnswerReader, TokenForm {
  readonly name: DialectName;
  /** The response headers that it uses, in lower case. */
  readonly headers: readonly string[];
  /** The one with Genesys' id of the request, in lower case. */
  readonly correlation?: string;
  /** Absent where an organisation cannot be asked for its limits. */
  readonly orgLimits?: OrgLimits;
  /** The names of its operations, for the metrics label. */
  readonly operations: readonly string[];
  /** Its operations that are a POST and change nothing: shadow mode and checks send them. */
  readonly queries: readonly string[];
  /** The fields of a request that it cannot carry out; checked at acceptance. */
  checkRequest(request: TransferRequest): FieldError[];
  /** Parses the body of an event. `now`: epoch milliseconds. */
  parseEvent(body: unknown, now: number): ParsedEvent;
  connect(parts: DialectParts): ConnectedDialect;
  readonly checks: DialectChecks;
}

export type CheckParts = {
  probe: Probe;
  /** The same organisation as transfers see it. */
  transfers: Dialect;
  /** The queues that somebody wants checked, by their ids. */
  queues: readonly string[];
  /** The budget of all workers, in requests per minute; 0 for none. */
  budget: number;
};

/** What a dialect adds to the checks of a configuration. */
export interface DialectChecks {
  /** What is read first, without a token and with it. */
  readonly path: string;
  /** Why these hosts cannot be right, before anything is sent to them. Pure. */
  wrongHosts?(client: OAuthClient): Finding | undefined;
  /** What a refused token request means; `words`: Genesys' own, if its answer is in the form. Pure. */
  tokenRefused(status: number, words: string | undefined, client: OAuthClient): Finding;
  /** What the answer to `path` with a token shows: whose it is. Pure. */
  tokenAccepted(said: Said): Finding;
  /** Why this cannot be the id of an agent. Pure. */
  wrongAgent?(id: string): Finding | undefined;
  /** The agents on a call. Pure. */
  agentsOn(call: Call): string[];
  /** Everything else; all of it needs the token. */
  more(parts: CheckParts): Check[];
}

import type { ParsedEvent } from '../billing/event.ts';
import type { WebhookRegistrar } from '../billing/register.ts';
import type { Dialect } from '../transfer/ports.ts';
import type { Cache } from './http/cache.ts';
import type { AnswerReader, Client } from './http/client.ts';
import type { TokenForm } from './http/token.ts';

export const dialectNames = ['voice', 'platform'] as const;
export type DialectName = (typeof dialectNames)[number];

export type DialectParts = {
  client: Client;
  cache: Cache;
  userTtlMs: number;
  queueTtlMs: number;
  /** How old a reading may be, where the dialect's own guess is not meant, in ms. */
  readLagMs?: number | undefined;
};

/** A dialect connected to an organisation. */
export type ConnectedDialect = { transfers: Dialect; webhooks: WebhookRegistrar };

/**
 * One API of Genesys (docs/rules.md, "Dialects"): everything specific to it. Every function except `connect` is pure, and none
 * throws for what Genesys sends.
 */
export interface DialectDefinition extends AnswerReader, TokenForm {
  readonly name: DialectName;
  /** The response headers that it uses, in lower case. */
  readonly headers: readonly string[];
  /** The names of its operations, for the metrics label. */
  readonly operations: readonly string[];
  /** Its operations that are a POST and change nothing: in shadow mode they are sent. */
  readonly queries: readonly string[];
  /** Parses the body of an event. `now`: epoch milliseconds. */
  parseEvent(body: unknown, now: number): ParsedEvent;
  connect(parts: DialectParts): ConnectedDialect;
}

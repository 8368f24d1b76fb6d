import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Id } from '../transfer/request.ts';
import { targetTypes, transferTypes } from '../transfer/words.ts';
import { parseInstant } from './instant.ts';
import type { TransferEvent } from './words.ts';

export const TRANSFER_EVENT = 'voice.call.updated';

const LONGEST_AHEAD_MS = 24 * 3_600_000;
/** A time before this is one of a clock that was never set. */
const EARLIEST_MS = Date.UTC(2000, 0);

const OUT_OF_TIME: z.core.$ZodIssue = {
  code: 'custom',
  path: ['timestamp'],
  message: 'must lie after the year 1999 and no more than a day ahead',
  input: undefined,
};

/** Gives epoch milliseconds. */
const Timestamp = z.unknown().transform((value, context) => {
  const at = parseInstant(value);
  if (at !== undefined) return at;
  context.addIssue('must be ISO 8601 with an offset, or a number of seconds or milliseconds since 1970');
  return z.NEVER;
});

/** What every event has, of whatever type. */
const AnyEvent = z.looseObject({ type: z.string() });

/** An update of a call; without a `transferType` it shows no transfer. */
const CallUpdated = z.looseObject({
  event_data: z.looseObject({ transferType: z.unknown().optional() }),
});

const CallTransferred = z.looseObject({
  id: z
    .union([Id, z.int().transform(String)])
    .nullish()
    .transform((id) => id ?? undefined),
  timestamp: Timestamp,
  event_data: z.looseObject({
    id: Id,
    transferType: z.enum(transferTypes),
    target: z.looseObject({ id: Id, type: z.enum(targetTypes).nullish().catch(undefined) }),
  }),
});

export type ParsedEvent =
  | { is: 'transfer'; event: TransferEvent }
  /** It shows no transfer, and is ignored. */
  | { is: 'ignored'; why: string }
  | { is: 'malformed'; issues: readonly z.core.$ZodIssue[] };

/**
 * Reads the body of an event (docs/billing.md). `now` is epoch milliseconds. An event of another type, or without a
 * transfer, is ignored; one that should show a transfer and cannot be read is malformed. Unknown fields are ignored.
 */
export function parseEvent(body: unknown, now: number): ParsedEvent {
  const any = AnyEvent.safeParse(body);
  if (!any.success) return { is: 'malformed', issues: any.error.issues };
  if (any.data.type !== TRANSFER_EVENT) return { is: 'ignored', why: 'another type of event' };
  const updated = CallUpdated.safeParse(body);
  if (!updated.success) return { is: 'malformed', issues: updated.error.issues };
  if (updated.data.event_data.transferType == null) return { is: 'ignored', why: 'not a transfer' };
  const parsed = CallTransferred.safeParse(body);
  if (!parsed.success) return { is: 'malformed', issues: parsed.error.issues };
  const { id, timestamp: at, event_data: data } = parsed.data;
  // Not a refinement: a schema that knows `now` would have to be compiled for each event.
  if (at < EARLIEST_MS || at > now + LONGEST_AHEAD_MS) return { is: 'malformed', issues: [OUT_OF_TIME] };
  const type = data.target.type ?? undefined;
  const target = { id: data.target.id, ...(type && { type }) };
  const event = { callId: data.id, transferType: data.transferType, target, at };
  return { is: 'transfer', event: id === undefined ? event : { id, ...event } };
}

/**
 * What makes an event this one and no other: call, type, target and its own id, or its time where it has none. The same
 * event sent again, whenever that is, has the same key.
 */
export function eventKey({ id, callId, transferType, target, at }: TransferEvent): string {
  const parts = [callId, transferType, target.id, id === undefined ? `at ${at}` : `id ${id}`];
  return `event-${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)}`;
}

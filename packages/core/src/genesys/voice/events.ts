import { z } from 'zod';
import { issuesOfTime, type ParsedEvent } from '../../billing/event.ts';
import { parseInstant } from '../../billing/instant.ts';
import { Id, transferTypes } from '../../transfer/request.ts';
import { voiceTargetTypes } from './request.ts';

export const TRANSFER_EVENT = 'voice.call.updated';

/** Gives epoch milliseconds. */
const Timestamp = z.unknown().transform((value, context) => {
  const at = parseInstant(value);
  if (at !== undefined) return at;
  context.addIssue('must be ISO 8601 with an offset, or a number of seconds or milliseconds since 1970');
  return z.NEVER;
});

/** The fields of every event. */
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
    target: z.looseObject({ id: Id, type: z.enum(voiceTargetTypes).nullish().catch(undefined) }),
  }),
});

/**
 * Parses the body of an event (docs/billing.md). `now` is epoch milliseconds. An event of another type, or without a
 * transfer, is ignored; an invalid transfer event is malformed. Unknown fields are ignored.
 */
export function parseVoiceEvent(body: unknown, now: number): ParsedEvent {
  const any = AnyEvent.safeParse(body);
  if (!any.success) return { is: 'malformed', issues: any.error.issues };
  if (any.data.type !== TRANSFER_EVENT) return { is: 'ignored', why: 'another type of event' };
  const updated = CallUpdated.safeParse(body);
  if (!updated.success) return { is: 'malformed', issues: updated.error.issues };
  if (updated.data.event_data.transferType == null) return { is: 'ignored', why: 'not a transfer' };
  const parsed = CallTransferred.safeParse(body);
  if (!parsed.success) return { is: 'malformed', issues: parsed.error.issues };
  const { id, timestamp: at, event_data: data } = parsed.data;
  const issues = issuesOfTime(at, now);
  if (issues.length > 0) return { is: 'malformed', issues };
  const type = data.target.type ?? undefined;
  const target = { id: data.target.id, ...(type && { type }) };
  const event = { callId: data.id, transferType: data.transferType, target, at };
  return { is: 'transfer', event: id === undefined ? event : { id, ...event } };
}

import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { TransferEvent } from './words.ts';

const LONGEST_AHEAD_MS = 24 * 3_600_000;
/** A time before this is one of a clock that was never set. */
const EARLIEST_MS = Date.UTC(2000, 0);

const OUT_OF_TIME: z.core.$ZodIssue = {
  code: 'custom',
  path: ['timestamp'],
  message: 'must lie after the year 1999 and no more than a day ahead',
  input: undefined,
};

/** The body of an event as a dialect has read it. */
export type ParsedEvent =
  | { is: 'transfer'; event: TransferEvent }
  /** It shows no transfer, and is ignored. */
  | { is: 'ignored'; why: string }
  | { is: 'malformed'; issues: readonly z.core.$ZodIssue[] };

/**
 * What is wrong with the time of an event; `at` and `now` are epoch milliseconds. Not a refinement of zod: a schema that knows
 * `now` would have to be compiled for each event.
 */
export function issuesOfTime(at: number, now: number): readonly z.core.$ZodIssue[] {
  return at < EARLIEST_MS || at > now + LONGEST_AHEAD_MS ? [OUT_OF_TIME] : [];
}

/**
 * What makes an event this one and no other: call, type, target and its own id, or its time where it has none. The same
 * event sent again, whenever that is, has the same key.
 */
export function eventKey({ id, callId, transferType, target, at }: TransferEvent): string {
  const parts = [callId, transferType, target.id, id === undefined ? `at ${at}` : `id ${id}`];
  return `event-${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)}`;
}

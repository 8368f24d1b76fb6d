import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { TransferEvent } from './words.ts';

const LONGEST_AHEAD_MS = 24 * 3_600_000;
/** An earlier time comes from a clock that was never set. */
const EARLIEST_MS = Date.UTC(2000, 0);

const OUT_OF_TIME: z.core.$ZodIssue = {
  code: 'custom',
  path: ['timestamp'],
  message: 'must be after 1999 and at most a day in the future',
  input: undefined,
};

/** The body of an event as parsed by a dialect. */
export type ParsedEvent =
  | { is: 'transfer'; event: TransferEvent }
  /** It shows no transfer. */
  | { is: 'ignored'; why: string }
  | { is: 'malformed'; issues: readonly z.core.$ZodIssue[] };

/**
 * Validates the time of an event; `at` and `now` are epoch milliseconds. Not a zod refinement: a schema that depends on `now`
 * would have to be compiled for each event.
 */
export function issuesOfTime(at: number, now: number): readonly z.core.$ZodIssue[] {
  return at < EARLIEST_MS || at > now + LONGEST_AHEAD_MS ? [OUT_OF_TIME] : [];
}

/**
 * Identifies an event by call, type, target and its own id, or its time if it has no id. A repeated event has the same key.
 */
export function eventKey({ id, callId, transferType, target, at }: TransferEvent): string {
  const parts = [callId, transferType, target.id, id === undefined ? `at ${at}` : `id ${id}`];
  return `event-${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)}`;
}

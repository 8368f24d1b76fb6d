import { z } from 'zod';
import { LONGEST_HOLD_OFF_MS } from '../../redis/pace/hold-off.ts';
import type { Failure } from '../../transfer/ports.ts';
import type { WireAnswer } from '../../wire/wire.ts';

/** An answer with a status, from the platform or an intermediary. */
export type Said = Extract<WireAnswer, { answered: true }>;

/** The error code and message of a refused request, and Genesys' id of the request, where the body names it. */
export type ErrorWords = { code: string; message?: string | undefined; trace?: string | undefined };

type Intercepted = Extract<Failure, { kind: 'intercepted' }>;

const LONGEST_CODE = 200;
const LONGEST_MESSAGE = 500;
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** A string, or an integer instead. */
export const Text = z.union([z.string(), z.int()]).transform(String);

/** A boolean, also as a string. Anything else is invalid: an unclear value must not count as false. */
export const Flag = z.union([
  z.boolean(),
  z
    .string()
    .trim()
    .toLowerCase()
    .pipe(z.enum(['true', 'false']))
    .transform((text) => text === 'true'),
]);

/** A positive number, also as a string; `undefined` for anything else. */
export function positiveNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number > 0 ? number : undefined;
}

/**
 * Checks that an answer has the platform's form (docs/voice-api.md, "Forms"): status 200, and a JSON object with this id.
 * Returns `undefined` if so, else the failure: an intermediary has answered.
 */
export function notAbout(id: string, said: Said): Intercepted | undefined {
  if (said.status !== 200) return intercepted(said);
  const { id: told } = fieldsOf(said.data);
  if (typeof told !== 'string' && !Number.isSafeInteger(told)) return intercepted(said, 'JSON without an id');
  return sameId(id, String(told)) ? undefined : intercepted(said, 'JSON with another id');
}

/** Classifies an answer other than 2xx: refused by Genesys if it has the dialect's form (`words`), else from an intermediary. */
export function failureOf(said: Said, words: ErrorWords | undefined): Exclude<Failure, { kind: 'held' }> {
  const { status, retryAfterMs } = said;
  if (words === undefined) return intercepted(said, 'JSON without a code');
  return {
    kind: 'answered',
    status,
    code: words.code.slice(0, LONGEST_CODE),
    message: words.message?.slice(0, LONGEST_MESSAGE),
    retryAfterMs,
    trace: said.note.correlationId ?? words.trace,
  };
}

/** The failure for an answer not in the platform's form; `lacks`: what is wrong if it is a JSON object. */
export function intercepted({ status, data, type, retryAfterMs }: Said, lacks = 'other JSON'): Intercepted {
  const passedOn = status >= 200 && status < 300;
  return { kind: 'intercepted', status, what: formOf(data, type, lacks), passedOn, retryAfterMs };
}

/** The wait of `Retry-After` in ms, capped like the hold-off, and divided by `speed` (100 for training). */
export function toldWaitMs(retryAfterMs: number | undefined, speed: number): number | undefined {
  return retryAfterMs === undefined
    ? undefined
    : Math.ceil(Math.min(retryAfterMs, LONGEST_HOLD_OFF_MS) / speed);
}

/** The fields of a JSON object; none for any other value. */
export function fieldsOf(data: unknown): Record<string, unknown> {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return {};
  return data as Record<string, unknown>;
}

function formOf(data: unknown, type: string | undefined, lacks: string): string {
  if (Array.isArray(data)) return 'a JSON list';
  if (typeof data === 'object' && data !== null) return lacks;
  return type === undefined || /\bjson$/.test(type) ? 'no JSON' : type;
}

/** Ids are opaque, so they are compared exactly; only UUIDs ignore case. */
function sameId(asked: string, told: string): boolean {
  return told === asked || (UUID.test(asked) && told.toLowerCase() === asked.toLowerCase());
}

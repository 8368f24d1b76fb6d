import { z } from 'zod';
import { LONGEST_HOLD_OFF_MS } from '../../redis/pace/hold-off.ts';
import type { Failure } from '../../transfer/ports.ts';
import type { WireAnswer } from '../../wire/wire.ts';

/** An answer with a status, from the platform or from something in between. */
export type Said = Extract<WireAnswer, { answered: true }>;

/** What Genesys says about a request that it refuses. */
export type ErrorWords = { code: string; message?: string | undefined };

type Intercepted = Extract<Failure, { kind: 'intercepted' }>;

const LONGEST_CODE = 200;
const LONGEST_MESSAGE = 500;
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Text, or a whole number in its place. */
export const Text = z.union([z.string(), z.int()]).transform(String);

/** `true` or `false`, also as text. Anything else is no flag: what is unclear must not read as "no". */
export const Flag = z.union([
  z.boolean(),
  z
    .string()
    .trim()
    .toLowerCase()
    .pipe(z.enum(['true', 'false']))
    .transform((text) => text === 'true'),
]);

/** A number above zero, also as text; `undefined` for anything else. */
export function positiveNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number > 0 ? number : undefined;
}

/**
 * Whether this is what the dialect promises as an answer about `id` (docs/voice-api.md, "Forms"): status 200, and a JSON
 * object of that id. Gives `undefined` where it is, else the failure: somebody in between has answered.
 */
export function notAbout(id: string, said: Said): Intercepted | undefined {
  if (said.status !== 200) return intercepted(said);
  const { id: told } = fieldsOf(said.data);
  if (typeof told !== 'string' && !Number.isSafeInteger(told)) return intercepted(said, 'JSON without an id');
  return sameId(id, String(told)) ? undefined : intercepted(said, 'JSON with another id');
}

/** What an answer other than 2xx means: a refusal by Genesys where it has the dialect's form (`words`), else something in between. */
export function failureOf(said: Said, words: ErrorWords | undefined): Exclude<Failure, { kind: 'held' }> {
  const { status, retryAfterMs } = said;
  if (words === undefined) return intercepted(said, 'JSON without a code');
  return {
    kind: 'answered',
    status,
    code: words.code.slice(0, LONGEST_CODE),
    message: words.message?.slice(0, LONGEST_MESSAGE),
    retryAfterMs,
  };
}

/** An answer that is not in the platform's form; `lacks` says what is wrong with it where it is a JSON object. */
export function intercepted({ status, data, type, retryAfterMs }: Said, lacks = 'other JSON'): Intercepted {
  const passedOn = status >= 200 && status < 300;
  return { kind: 'intercepted', status, what: formOf(data, type, lacks), passedOn, retryAfterMs };
}

/** How long to wait as `Retry-After` says, in ms: capped like the hold-off, and divided by `speed` (100 for training). */
export function toldWaitMs(retryAfterMs: number | undefined, speed: number): number | undefined {
  return retryAfterMs === undefined
    ? undefined
    : Math.ceil(Math.min(retryAfterMs, LONGEST_HOLD_OFF_MS) / speed);
}

/** The fields of a JSON object; none where it is something else. */
export function fieldsOf(data: unknown): Record<string, unknown> {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return {};
  return data as Record<string, unknown>;
}

function formOf(data: unknown, type: string | undefined, lacks: string): string {
  if (Array.isArray(data)) return 'a JSON list';
  if (typeof data === 'object' && data !== null) return lacks;
  return type === undefined || /\bjson$/.test(type) ? 'no JSON' : type;
}

/** Ids are opaque, so they are compared as they stand; only the two ways to write one UUID are the same. */
function sameId(asked: string, told: string): boolean {
  return told === asked || (UUID.test(asked) && told.toLowerCase() === asked.toLowerCase());
}

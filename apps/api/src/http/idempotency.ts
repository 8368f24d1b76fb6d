import { createHash } from 'node:crypto';
import { Problem } from './problems.ts';

const DEEPEST = 100;
const PRINTABLE = /^[\x20-\x7e]{1,255}$/;

/**
 * The value of an `Idempotency-Key` header: bare, or quoted as a string of RFC 8941. Undefined if absent;
 * throws `invalid-idempotency-key` unless it is 1 to 255 printable ASCII characters.
 */
export function parseIdempotencyKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const text = (Array.isArray(header) ? header.join(', ') : header).trim();
  const key = text.startsWith('"') ? unquote(text) : text;
  if (key === undefined || !PRINTABLE.test(key))
    throw new Problem(
      'invalid-idempotency-key',
      'Idempotency-Key must be 1 to 255 printable ASCII characters, bare or in double quotes.',
    );
  return key;
}

function unquote(text: string): string | undefined {
  const inner = /^"((?:[^"\\]|\\["\\])*)"$/.exec(text)?.[1];
  return inner?.replaceAll(/\\(["\\])/g, '$1');
}

/** A body that is not JSON; compared by its text. */
export class UnreadableBody {
  readonly text: string;
  readonly error: Error;
  constructor(text: string, error: Error) {
    this.text = text;
    this.error = error;
  }
}

/** The digest that identifies a body: the same for equal JSON, regardless of key order. */
export function fingerprint(body: unknown): string {
  const text = body instanceof UnreadableBody ? `unreadable ${body.text}` : canonical(body, 0);
  return createHash('sha256').update(text).digest('hex');
}

function canonical(value: unknown, depth: number): string {
  if (depth > DEEPEST)
    throw new Problem('malformed-json', `The body is nested more than ${DEEPEST} levels deep.`);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'none';
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, depth + 1)).join(',')}]`;
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member, depth + 1)}`);
  return `{${members.join(',')}}`;
}

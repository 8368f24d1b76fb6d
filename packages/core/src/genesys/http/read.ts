import type { z } from 'zod';
import type { Failure, Reading } from '../../transfer/ports.ts';
import { notAbout, type Said } from './answers.ts';
import type { ClientAnswer } from './client.ts';

/** How a dialect reads an answer. */
export type ReadOptions = {
  /** What was asked for, which the body must be about; without it any body that fits the schema will do. */
  id?: string | undefined;
  /** Adds the dialect's meaning to a failure. */
  meant: (failure: Failure) => Failure;
  /** The body to parse, if it is not the answer's alone. */
  bodyOf?: ((said: Said) => unknown) | undefined;
};

/** Reads the answer to a request without a gate: the parsed body, or why it cannot be used. */
export function readAnswer<B, T>(
  { id, meant, bodyOf = ({ data }) => data }: ReadOptions,
  answer: ClientAnswer,
  schema: z.ZodType<B>,
  value: (body: B) => T,
): Reading<T> {
  const { requests } = answer;
  if (!answer.ok) {
    if (answer.gate === 'shut') throw new Error('a read has no gate');
    return { ok: false, failure: meant(answer.failure), requests };
  }
  const stranger = id === undefined ? undefined : notAbout(id, answer.said);
  if (stranger !== undefined) return { ok: false, failure: stranger, requests };
  const parsed = schema.safeParse(bodyOf(answer.said));
  if (parsed.success) return { ok: true, value: value(parsed.data), ageMs: 0, requests };
  const fields = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'} ${message}`);
  return { ok: false, failure: { kind: 'malformed', detail: fields.join('; ') }, requests };
}

import type { z } from 'zod';
import type { Phase } from '../../transfer/classify.ts';
import type { Failure, Reading } from '../../transfer/ports.ts';
import { notAbout } from '../http/answers.ts';
import type { ClientAnswer } from '../http/client.ts';
import { classifyPlatform } from './classify.ts';

/** The same failure, with its meaning in this phase. Pure. */
export function meant(failure: Failure, phase: Phase): Failure {
  if (failure.kind !== 'answered') return failure;
  return { ...failure, means: classifyPlatform(failure.status, failure.code, phase) };
}

/**
 * Reads an answer: the body parsed, or why it cannot be used. `id`: what was asked for, which the body must be about; without one
 * any body of this form will do.
 */
export function read<B, T>(
  { phase, id }: { phase: Phase; id?: string },
  answer: ClientAnswer,
  schema: z.ZodType<B>,
  value: (body: B) => T,
): Reading<T> {
  const { requests } = answer;
  if (!answer.ok) {
    if (answer.gate === 'shut') throw new Error('a read has no gate');
    return { ok: false, failure: meant(answer.failure, phase), requests };
  }
  const stranger = id === undefined ? undefined : notAbout(id, answer.said);
  if (stranger !== undefined) return { ok: false, failure: stranger, requests };
  const parsed = schema.safeParse(answer.said.data);
  if (parsed.success) return { ok: true, value: value(parsed.data), ageMs: 0, requests };
  const fields = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'} ${message}`);
  return { ok: false, failure: { kind: 'malformed', detail: fields.join('; ') }, requests };
}

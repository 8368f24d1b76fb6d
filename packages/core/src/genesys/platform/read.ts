import type { z } from 'zod';
import type { Phase } from '../../transfer/classify.ts';
import type { Failure, Reading } from '../../transfer/ports.ts';
import type { ClientAnswer } from '../http/client.ts';
import { readAnswer } from '../http/read.ts';
import { classifyPlatform } from './classify.ts';

/** The same failure, with its meaning in this phase. Pure. */
export function meant(failure: Failure, phase: Phase): Failure {
  if (failure.kind !== 'answered') return failure;
  return { ...failure, means: classifyPlatform(failure, phase) };
}

/** Reads an answer of the Platform API; `id`: what the body must be about, if given. */
export function read<B, T>(
  { phase, id }: { phase: Phase; id?: string },
  answer: ClientAnswer,
  schema: z.ZodType<B>,
  value: (body: B) => T,
): Reading<T> {
  return readAnswer({ id, meant: (failure) => meant(failure, phase) }, answer, schema, value);
}

import type { FieldError } from '../transfer/request.ts';

type Refusal = { reason: 'refused-by-platform'; words: string };

/** Why a request with these wrong fields cannot be carried out, where it was accepted for another API. Pure. */
export function refusalOf(errors: FieldError[]): Refusal | undefined {
  if (errors.length === 0) return undefined;
  const words = errors.map(({ field, message }) => `${field}: ${message}`).join('; ');
  return { reason: 'refused-by-platform', words };
}

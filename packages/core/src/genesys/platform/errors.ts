import { type ErrorWords, fieldsOf } from '../http/answers.ts';

/** An error of the Platform API is a JSON object (`ErrorBody`) with a text `code` and a `message`. Pure. */
export function errorWords(body: unknown): ErrorWords | undefined {
  const { code, message } = fieldsOf(body);
  if (typeof code !== 'string') return undefined;
  return { code, message: typeof message === 'string' ? message : undefined };
}

/** The login host refuses in the words of OAuth: `error`, and `error_description` or `description`. Pure. */
export function tokenErrorWords(body: unknown): string | undefined {
  const { error, error_description: standard, description = standard } = fieldsOf(body);
  if (typeof error !== 'string') return undefined;
  return typeof description === 'string' ? `${error}: ${description}` : error;
}

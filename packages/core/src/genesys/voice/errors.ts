import { type ErrorWords, fieldsOf } from '../http/answers.ts';

/** An error of the voice API is a JSON object with a text `code` and often a `message`. Pure. */
export function errorWords(body: unknown): ErrorWords | undefined {
  const { code, message } = fieldsOf(body);
  if (typeof code !== 'string') return undefined;
  return { code, message: typeof message === 'string' ? message : undefined };
}

/** A refused token request: `code` and `message`, or OAuth's own `error` and `error_description` (RFC 6749, 5.2). Pure. */
export function tokenErrorWords(body: unknown): string | undefined {
  const { code, message, error, error_description: description } = fieldsOf(body);
  const isText = (word: unknown): word is string => typeof word === 'string';
  const words = (isText(code) ? [code, message] : [error, description]).filter(isText);
  return words.length === 0 ? undefined : words.join(': ');
}

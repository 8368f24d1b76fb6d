import { isCorrelationId } from '../../wire/wire.ts';
import { type ErrorWords, fieldsOf, positiveNumber, type Said } from '../http/answers.ts';
import type { LimitExceeded } from '../http/client.ts';
import { rateIn } from '../http/limit.ts';

/**
 * An error of the Platform API is a JSON object (`ErrorBody`) with a text `code`, a `message`, and the correlation id as
 * `contextId`. Pure.
 */
export function errorWords(body: unknown): ErrorWords | undefined {
  const { code, message, contextId } = fieldsOf(body);
  if (typeof code !== 'string') return undefined;
  return {
    code,
    message: typeof message === 'string' ? message : undefined,
    trace: isCorrelationId(contextId) ? contextId : undefined,
  };
}

/** The limits of a token, and those of a user or an app over all of its tokens. */
const EVERYBODYS = /\b(token|user)\.rate\.per\.minute/;
/** Below this share of its limit, the token cannot be what is exhausted. */
const FAR_BELOW = 0.5;
const LONGEST_KEY = 100;

/**
 * What a 429 limits (docs/rules.md): the body's `limit` says so. Without one, the message may name a limit of the token; else
 * headers that show less than half of the token's requests used mean a limit of the operation. Pure.
 */
export function limitExceeded({ data, headers }: Pick<Said, 'data' | 'headers'>): LimitExceeded {
  const { limit, message } = fieldsOf(data);
  const { key, value } = fieldsOf(limit);
  if (typeof key === 'string' && key !== '') {
    const most = positiveNumber(value);
    const what = `${key.slice(0, LONGEST_KEY)}${most === undefined ? '' : ` (${most})`}`;
    return { of: EVERYBODYS.test(key) ? 'everybody' : 'operation', what };
  }
  if (typeof message === 'string' && EVERYBODYS.test(message)) return { of: 'everybody' };
  const rate = rateIn(headers);
  if (rate?.count === undefined) return { of: 'everybody' };
  return { of: rate.count < rate.allowed * FAR_BELOW ? 'operation' : 'everybody' };
}

/** What an administrator does about a refused token request. Pure. */
export function tokenHint(body: unknown): string | undefined {
  const { error, error_description: standard, description = standard } = fieldsOf(body);
  switch (error) {
    case 'invalid_client': {
      const isKnown = typeof description === 'string' && description.includes('authentication failed');
      const wrong = isKnown ? 'the secret (GENESYS_CLIENT_SECRET) is wrong' : 'id or secret is wrong';
      return (
        `; either ${wrong}, or the client lives in another region: compare GENESYS_REGION with the address of your ` +
        'Genesys page (apps.euw2.pure.cloud is eu-west-2)'
      );
    }
    case 'unauthorized_client':
    case 'unsupported_grant_type':
      return (
        '; this client may not use client credentials: under Admin › Integrations › OAuth its grant type must be ' +
        'Client Credentials'
      );
    default:
      return undefined;
  }
}

/** The login host refuses in the words of OAuth: `error`, and `error_description` or `description`. Pure. */
export function tokenErrorWords(body: unknown): string | undefined {
  const { error, error_description: standard, description = standard } = fieldsOf(body);
  if (typeof error !== 'string') return undefined;
  return typeof description === 'string' ? `${error}: ${description}` : error;
}

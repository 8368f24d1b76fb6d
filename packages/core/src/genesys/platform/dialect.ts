import type { DialectDefinition } from '../dialect.ts';
import { LIMIT, requestsAllowed } from '../http/limit.ts';
import { platformChecks } from './checks.ts';
import { errorWords, tokenErrorWords } from './errors.ts';
import { tokenRequest } from './token.ts';
import { createPlatformTransfers } from './transfers.ts';
import { noWebhooks } from './webhooks.ts';

/** The Platform API of a live organisation (docs/rules.md, "Dialects"). */
export const platform: DialectDefinition = {
  name: 'platform',
  headers: [LIMIT],
  operations: [
    ...['token', 'user', 'roles', 'call', 'queue', 'observations', 'routing-status', 'transfer'],
    ...['conversation', 'wrap-up'],
  ],
  queries: ['observations'],
  tokenRequest,
  errorWords,
  tokenErrorWords,
  requestsAllowed,
  parseEvent: () => ({ is: 'ignored', why: 'an event of the Platform API' }),
  connect: (parts) => ({ transfers: createPlatformTransfers(parts), webhooks: noWebhooks }),
  checks: platformChecks,
};

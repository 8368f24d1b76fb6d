import type { DialectDefinition } from '../dialect.ts';
import { COUNT, LIMIT, RESET, requestsAllowed } from '../http/limit.ts';
import { platformChecks } from './checks.ts';
import { errorWords, limitExceeded, tokenErrorWords, tokenHint } from './errors.ts';
import { orgLimits } from './org-limits.ts';
import { checkPlatformRequest } from './request.ts';
import { tokenRequest } from './token.ts';
import { createPlatformTransfers } from './transfers.ts';
import { noWebhooks } from './webhooks.ts';

/** The Platform API of a live organisation (docs/rules.md, "Dialects"). */
export const platform: DialectDefinition = {
  name: 'platform',
  headers: [LIMIT, COUNT, RESET],
  correlation: 'inin-correlation-id',
  operations: [
    ...['token', 'user', 'roles', 'call', 'queue', 'observations', 'routing-status', 'transfer'],
    ...[
      'conversation',
      'wrap-up',
      'skills',
      'limits',
      'wait',
      'schedule-group',
      'schedule',
      'emergency-group',
    ],
  ],
  queries: ['observations'],
  tokenRequest,
  errorWords,
  tokenErrorWords,
  tokenHint,
  waitsForToken: true,
  limitExceeded,
  orgLimits,
  requestsAllowed,
  checkRequest: checkPlatformRequest,
  parseEvent: () => ({ is: 'ignored', why: 'an event of the Platform API' }),
  connect: (parts) => ({ transfers: createPlatformTransfers(parts), webhooks: noWebhooks }),
  checks: platformChecks,
};

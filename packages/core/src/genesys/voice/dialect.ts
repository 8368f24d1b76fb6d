import type { DialectDefinition } from '../dialect.ts';
import { LIMIT, requestsAllowed } from '../http/limit.ts';
import { voiceChecks } from './checks.ts';
import { errorWords, tokenErrorWords } from './errors.ts';
import { parseVoiceEvent } from './events.ts';
import { ETAG } from './headers.ts';
import { checkVoiceRequest } from './request.ts';
import { tokenRequest } from './token.ts';
import { createVoiceTransfers } from './transfers.ts';
import { createVoiceWebhooks } from './webhooks.ts';

/** The voice API (docs/voice-api.md). */
export const voice: DialectDefinition = {
  name: 'voice',
  headers: [ETAG, LIMIT],
  operations: ['token', 'user', 'call', 'queue', 'transfer', 'webhook'],
  queries: [],
  tokenRequest,
  errorWords,
  tokenErrorWords,
  requestsAllowed,
  checkRequest: checkVoiceRequest,
  parseEvent: parseVoiceEvent,
  connect: (parts) => ({
    transfers: createVoiceTransfers(parts),
    webhooks: createVoiceWebhooks(parts.client),
  }),
  checks: voiceChecks,
};

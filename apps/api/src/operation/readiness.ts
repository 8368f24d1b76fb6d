import {
  durabilityWord,
  presenceView,
  readGenesysState,
  readWebhookState,
  webhookView,
} from '@handover/core/redis';
import { modes } from '@handover/core/transfer';
import { z } from 'zod';
import { isConnected } from '../http/redis-gate.ts';
import type { ApiParts } from '../parts.ts';

export const Readiness = z
  .object({
    status: z.enum(['ready', 'not-ready', 'stopping']),
    mode: z.enum(modes).describe('`shadow`: nothing is sent (HANDOVER_MODE).'),
    redis: z
      .enum(['connected', 'unavailable', 'refused'])
      .describe('`connected` if a script can write now; `refused` if Redis lacks or denies what is needed.'),
    redisDetail: z.string().optional().describe('Why Redis is unusable, and how to fix it.'),
    durability: z
      .enum(['durable', 'volatile', 'unknown', 'not-checked'])
      .describe('Whether Redis persists what it acknowledged; `unknown` if CONFIG is forbidden.'),
    recovery: z
      .object({
        state: z.enum(['none', 'unsure', 'open']),
        since: z.string(),
        until: z.string(),
        why: z.string(),
      })
      .partial({ since: true, until: true, why: true })
      .describe(
        'Whether Redis lost data, or may have: until then a transfer whose call is already at its target waits for an event or an operator.',
      ),
    replicas: z
      .object({ needed: z.int(), following: z.int().nullable() })
      .describe(
        'How many replicas of Redis an intent requires, and how many follow closely; with too few nothing is sent.',
      ),
    genesys: z.object({
      dialect: z.enum(['voice', 'platform']),
      baseUrl: z.string(),
      token: z.string().describe('The token state that a worker reported last.'),
      tokenDetail: z.string().optional(),
      tokenAt: z.string().optional().describe('When it was reported.'),
      holdOffUntil: z.string().nullable().describe('No request is sent to Genesys before this time.'),
      holds: z
        .array(z.object({ operation: z.string(), until: z.string() }))
        .optional()
        .describe('Operations with a limit of their own that are not requested before that time.'),
    }),
    webhook: z
      .object({
        state: z.string(),
        detail: z.string().optional(),
        at: z.string().optional(),
        nextAt: z.string().optional(),
      })
      .describe('The registration of the webhook: `not-wanted`, `pending`, `registered` or `failing`.'),
  })
  .meta({ id: 'Readiness' });

type ReadinessParts = Pick<ApiParts, 'config' | 'redis' | 'access' | 'presence'> & {
  live: Pick<ApiParts['live'], 'store'>;
};

/**
 * Ready if a script can write to Redis now. The state of Genesys is what workers last reported; it does not count.
 * Never throws.
 */
export async function readiness({
  config,
  redis,
  access,
  presence,
  live,
}: ReadinessParts): Promise<z.infer<typeof Readiness>> {
  const { dialect, baseUrl } = config.genesys;
  const [proves, seen] = await Promise.all([
    access.proves(),
    isConnected(redis)
      ? Promise.all([
          readGenesysState(redis, live.store.lane),
          readWebhookState(redis, live.store.lane),
        ]).catch(() => undefined)
      : undefined,
  ]);
  const found = access.known();
  const isReady = proves && seen !== undefined;
  const [genesys, webhook] = seen ?? [{ token: 'not known without Redis', holdOffUntil: null }];
  return {
    status: isReady ? 'ready' : 'not-ready',
    mode: config.mode,
    redis: found?.usable === false ? 'refused' : isReady ? 'connected' : 'unavailable',
    ...(found?.usable === false && { redisDetail: found.why }),
    durability: durabilityWord(found?.usable === true ? found.durability : undefined),
    ...presenceView(presence.known(), config.replicas.forIntents),
    genesys: { dialect, baseUrl, ...genesys },
    webhook: seen === undefined ? { state: 'not known without Redis' } : webhookView(webhook),
  };
}

import {
  durabilityWord,
  presenceView,
  readGenesysState,
  readWebhookState,
  webhookView,
} from '@handover/core/redis';
import { z } from 'zod';
import { isConnected } from '../http/redis-gate.ts';
import type { ApiParts } from '../parts.ts';

export const Readiness = z.object({
  status: z.enum(['ready', 'not-ready', 'stopping']),
  redis: z
    .enum(['connected', 'unavailable', 'refused'])
    .describe('`connected` where a script of ours writes now; `refused` where Redis lacks what is needed.'),
  redisDetail: z.string().optional().describe('Why Redis cannot be used, and what to do.'),
  durability: z
    .enum(['durable', 'volatile', 'unknown', 'not-checked'])
    .describe('Does Redis keep what it acknowledged? `unknown` where CONFIG is forbidden.'),
  recovery: z
    .object({
      state: z.enum(['none', 'unsure', 'open']),
      since: z.string(),
      until: z.string(),
      why: z.string(),
    })
    .partial({ since: true, until: true, why: true })
    .describe(
      'Whether Redis has forgotten something, or may have: until then a call that stands at its target already waits for an event or a person.',
    ),
  replicas: z
    .object({ needed: z.int(), following: z.int().nullable() })
    .describe(
      'How many replicas of Redis an intent needs, and how many follow closely; with too few nothing is sent.',
    ),
  genesys: z.object({
    dialect: z.enum(['voice', 'platform']),
    baseUrl: z.string(),
    token: z.string().describe('As the workers last had it.'),
    tokenDetail: z.string().optional(),
    tokenAt: z.string().optional().describe('When a worker last said so.'),
    holdOffUntil: z.string().nullable().describe('No request goes to Genesys before this time.'),
  }),
  webhook: z
    .object({
      state: z.string(),
      detail: z.string().optional(),
      at: z.string().optional(),
      nextAt: z.string().optional(),
    })
    .describe('The registration of the webhook: not-wanted, pending, registered or failing.'),
});

type ReadinessParts = Pick<ApiParts, 'config' | 'redis' | 'access' | 'presence'> & {
  live: Pick<ApiParts['live'], 'store'>;
};

/**
 * Ready where a script of ours writes to Redis now. The state of Genesys is what the workers last saw; it does not count.
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
    redis: found?.usable === false ? 'refused' : isReady ? 'connected' : 'unavailable',
    ...(found?.usable === false && { redisDetail: found.why }),
    durability: durabilityWord(found?.usable === true ? found.durability : undefined),
    ...presenceView(presence.known(), config.replicas.forIntents),
    genesys: { dialect, baseUrl, ...genesys },
    webhook: seen === undefined ? { state: 'not known without Redis' } : webhookView(webhook),
  };
}

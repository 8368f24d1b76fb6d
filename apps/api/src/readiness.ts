import { durabilityWord } from '@handover/core/queue';
import { z } from 'zod';
import type { ApiParts } from './parts.ts';
import { isConnected } from './redis-gate.ts';

export const Readiness = z.object({
  status: z.enum(['ready', 'not-ready']),
  redis: z.enum(['connected', 'unavailable']),
  durability: z
    .enum(['durable', 'volatile', 'unknown', 'not-checked'])
    .describe('Does Redis keep what it acknowledged? `unknown` where CONFIG is forbidden.'),
  genesys: z.object({
    dialect: z.enum(['voice', 'platform']),
    baseUrl: z.string(),
    token: z.string().describe('As the workers last had it.'),
    tokenDetail: z.string().optional(),
    tokenAt: z.string().optional().describe('When a worker last said so.'),
    holdOffUntil: z.string().nullable().describe('Nobody sends to Genesys before this time.'),
  }),
});

type ReadinessParts = Pick<ApiParts, 'config' | 'redis' | 'durability'> & {
  live: Pick<ApiParts['live'], 'store'>;
};

/**
 * Is this process ready to serve? Only Redis and the configuration decide; Genesys is told, as the workers last saw it.
 * Never throws.
 */
export async function readiness({
  config,
  redis,
  durability,
  live,
}: ReadinessParts): Promise<z.infer<typeof Readiness>> {
  const { dialect, baseUrl } = config.genesys;
  const seen = isConnected(redis)
    ? await readGenesys(redis, live.store.keys).catch(() => undefined)
    : undefined;
  return {
    status: seen === undefined ? 'not-ready' : 'ready',
    redis: seen === undefined ? 'unavailable' : 'connected',
    durability: durabilityWord(durability()),
    genesys: { dialect, baseUrl, ...(seen ?? { token: 'not known without Redis', holdOffUntil: null }) },
  };
}

async function readGenesys(redis: ApiParts['redis'], keys: ApiParts['live']['store']['keys']) {
  const [[token, tokenDetail, at], until] = await Promise.all([
    redis.hmget(keys.genesys, 'token', 'tokenDetail', 'at'),
    redis.hget(keys.holdOff, 'until'),
  ]);
  return {
    token: token ?? 'no worker has reported yet',
    ...(tokenDetail && { tokenDetail }),
    ...(at && { tokenAt: iso(at) }),
    holdOffUntil: Number(until ?? 0) > Date.now() ? iso(until ?? '') : null,
  };
}

// Workers write epoch milliseconds; whatever else stands there is shown as it is.
function iso(ms: string): string {
  const time = new Date(Number(ms));
  return Number.isNaN(time.getTime()) ? ms : time.toISOString();
}

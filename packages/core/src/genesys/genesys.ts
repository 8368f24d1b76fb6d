import { setMaxListeners } from 'node:events';
import type { WebhookRegistrar } from '../billing/register.ts';
import type { RedisClient } from '../redis/connection.ts';
import { type Lane, laneKeys } from '../redis/keys.ts';
import { type BudgetOptions, createBudget } from '../redis/pace/budget.ts';
import { createHoldOff } from '../redis/pace/hold-off.ts';
import type { Dialect } from '../transfer/ports.ts';
import { createWire, type OnRequest } from '../wire/wire.ts';
import { createCache } from './cache.ts';
import { createClient } from './client.ts';
import { createTokenSource, type TokenSource, type TokenState } from './token.ts';
import { createVoice } from './voice/voice.ts';
import { createVoiceWebhooks } from './voice/webhooks.ts';

export type GenesysOptions = {
  redis: RedisClient;
  lane: Lane;
  baseUrl: string;
  loginUrl?: string | undefined;
  clientId: string;
  clientSecret: string;
  /** One request, from start to last byte, in ms. */
  timeoutMs: number;
  budget: BudgetOptions;
  cache: { userTtlMs: number; queueTtlMs: number };
  onRequest: OnRequest;
  onToken: (state: TokenState) => void;
};

export type Genesys = {
  platform: Dialect;
  webhooks: WebhookRegistrar;
  token: Pick<TokenSource, 'get' | 'state'>;
  close(): void;
};

const SIMULATED_SPEED = 100;
/** A worker that dies in the middle of a look-up must not hold up everybody else's transfers. */
const LONGEST_LOOK_UP_MS = 1_000;

/** Everything that one lane needs to talk to Genesys over the voice API. The caller closes it. */
export function createGenesys(options: GenesysOptions): Genesys {
  const { redis, lane, baseUrl, loginUrl, timeoutMs } = options;
  const closing = new AbortController();
  // Every request under way listens to it.
  setMaxListeners(0, closing.signal);
  const wire = createWire(timeoutMs, options.onRequest);
  const speed = lane.name === 'simulated' ? SIMULATED_SPEED : 1;
  const holdOff = createHoldOff(redis, laneKeys(lane).holdOff, { speed });
  const token = createTokenSource({
    wire,
    holdOff,
    url: `${loginUrl ?? baseUrl}/api/v2/oauth/token`,
    clientId: options.clientId,
    clientSecret: options.clientSecret,
    signal: closing.signal,
    onState: options.onToken,
    speed,
  });
  const budget = createBudget(redis, lane, options.budget);
  const client = createClient({ wire, token, holdOff, budget, baseUrl, speed });
  const cache = createCache(redis, lane, Math.min(timeoutMs, LONGEST_LOOK_UP_MS));
  return {
    platform: createVoice({ client, cache, ...options.cache }),
    webhooks: createVoiceWebhooks(client),
    token,
    close() {
      closing.abort();
      wire.close();
    },
  };
}

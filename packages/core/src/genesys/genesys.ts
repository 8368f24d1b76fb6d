import type { RedisClient } from '../queue/connection.ts';
import type { Lane } from '../queue/lane.ts';
import type { Platform } from '../transfer/ports.ts';
import type { RequestNote } from '../transfer/words.ts';
import { createCache } from './cache.ts';
import { createClient } from './client.ts';
import { createHoldOff } from './hold-off.ts';
import { createTokenSource, type TokenSource, type TokenState } from './token.ts';
import { createVoicePlatform } from './voice.ts';
import { createWire } from './wire.ts';

export type GenesysOptions = {
  redis: RedisClient;
  lane: Lane;
  baseUrl: string;
  loginUrl?: string | undefined;
  clientId: string;
  clientSecret: string;
  /** One request, from start to last byte, in ms. */
  timeoutMs: number;
  cache: { userTtlMs: number; queueTtlMs: number };
  onRequest: (note: RequestNote) => void;
  onToken: (state: TokenState) => void;
};

export type Genesys = {
  platform: Platform;
  token: Pick<TokenSource, 'get' | 'state'>;
  close(): void;
};

const SIMULATED_SPEED = 100;

/** Everything that one lane needs to talk to Genesys over the voice API. The caller closes it. */
export function createGenesys(options: GenesysOptions): Genesys {
  const { redis, lane, baseUrl, loginUrl, timeoutMs } = options;
  const closing = new AbortController();
  const wire = createWire(timeoutMs, options.onRequest);
  const holdOff = createHoldOff(redis, lane, lane.name === 'simulated' ? SIMULATED_SPEED : 1);
  const token = createTokenSource({
    wire,
    holdOff,
    url: `${loginUrl ?? baseUrl}/api/v2/oauth/token`,
    clientId: options.clientId,
    clientSecret: options.clientSecret,
    signal: closing.signal,
    onState: options.onToken,
  });
  const client = createClient({ wire, token, holdOff, baseUrl });
  // A look-up may need a token, a second token and the read itself.
  const cache = createCache(redis, lane, 4 * timeoutMs);
  return {
    platform: createVoicePlatform({ client, cache, ...options.cache }),
    token,
    close() {
      closing.abort();
      wire.close();
    },
  };
}

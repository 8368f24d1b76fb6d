import { setMaxListeners } from 'node:events';
import type { RedisClient } from '../redis/connection.ts';
import { type Lane, laneKeys } from '../redis/keys.ts';
import { type BudgetOptions, createBudget } from '../redis/pace/budget.ts';
import { createHoldOff } from '../redis/pace/hold-off.ts';
import { createWire, type OnRequest } from '../wire/wire.ts';
import type { ConnectedDialect, DialectName } from './dialect.ts';
import { openDialect } from './dialects.ts';
import { createCache } from './http/cache.ts';
import { createClient } from './http/client.ts';
import { readsOnly } from './http/reads-only.ts';
import { createTokenSource, type TokenSource, type TokenState } from './http/token.ts';

export type GenesysOptions = {
  redis: RedisClient;
  lane: Lane;
  dialect: DialectName;
  /** How old a reading may be, where the dialect's own guess is not meant, in ms. */
  readLagMs?: number | undefined;
  baseUrl: string;
  loginUrl?: string | undefined;
  clientId: string;
  clientSecret: string;
  /** One request, from start to last byte, in ms. */
  timeoutMs: number;
  budget: BudgetOptions;
  cache: { userTtlMs: number; queueTtlMs: number };
  /** Shadow mode: can send nothing that changes something, whatever the rules decide. */
  readsOnly?: boolean | undefined;
  onRequest: OnRequest;
  onToken: (state: TokenState) => void;
};

export type Genesys = ConnectedDialect & {
  token: Pick<TokenSource, 'get' | 'state'>;
  close(): void;
};

const SIMULATED_SPEED = 100;
/** A worker that dies during a look-up must not block the transfers of other workers for longer. */
const LONGEST_LOOK_UP_MS = 1_000;

/** Connects a lane to Genesys with this dialect. The caller closes it. */
export function createGenesys(options: GenesysOptions): Genesys {
  const { redis, lane, baseUrl, loginUrl, timeoutMs } = options;
  const dialect = openDialect(options.dialect);
  const closing = new AbortController();
  // Every request in progress adds a listener.
  setMaxListeners(0, closing.signal);
  const wire = createWire(timeoutMs, options.onRequest, dialect.headers);
  const speed = lane.name === 'simulated' ? SIMULATED_SPEED : 1;
  const holdOff = createHoldOff(redis, laneKeys(lane).holdOff, { speed });
  const token = createTokenSource({
    wire,
    holdOff,
    dialect,
    oauth: { id: options.clientId, secret: options.clientSecret, baseUrl, loginUrl },
    signal: closing.signal,
    onState: options.onToken,
    speed,
  });
  const budget = createBudget(redis, lane, options.budget);
  const sends = createClient({ dialect, wire, token, holdOff, budget, baseUrl, speed });
  const client = options.readsOnly === true ? readsOnly(sends, dialect.queries) : sends;
  const cache = createCache(redis, lane, Math.min(timeoutMs, LONGEST_LOOK_UP_MS));
  return {
    ...dialect.connect({ client, cache, ...options.cache, readLagMs: options.readLagMs }),
    token,
    close() {
      closing.abort();
      wire.close();
    },
  };
}

import { setMaxListeners } from 'node:events';
import { createRedisClock } from '../redis/clock.ts';
import type { RedisClient } from '../redis/connection.ts';
import { type Lane, laneKeys } from '../redis/keys.ts';
import { type BudgetOptions, createBudget } from '../redis/pace/budget.ts';
import { createHoldOff, type HoldOff } from '../redis/pace/hold-off.ts';
import { createTokenStore } from '../redis/pace/token-store.ts';
import { describeFailure } from '../transfer/classify.ts';
import { createWire, type OnRequest } from '../wire/wire.ts';
import type { ConnectedDialect, DialectName } from './dialect.ts';
import { openDialect } from './dialects.ts';
import { createCache } from './http/cache.ts';
import { createClient } from './http/client.ts';
import { readsOnly } from './http/reads-only.ts';
import { createTokenSource, type TokenSource, type TokenState } from './http/token.ts';
import type { Policies } from './policies.ts';

export type GenesysOptions = {
  redis: RedisClient;
  lane: Lane;
  dialect: DialectName;
  /** How old a reading may be, where the dialect's own guess is not meant, in ms. */
  readLagMs?: number | undefined;
  /** Those of the operator; the defaults where absent. */
  policies?: Policies | undefined;
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
  /**
   * Asks the organisation for the limit of our token, and lets the budget follow it. `why`: why that was not possible; absent
   * where the dialect has no such limits. Throws what Redis throws.
   */
  learnLimits(): Promise<{ learned: number } | { learned: 'nothing'; why?: string }>;
  close(): void;
};

const SIMULATED_SPEED = 100;
/** How much longer than a request the lock of the token is held, in ms. */
const LOCK_SPARE_MS = 1_000;
/** The cap of a `Retry-After` that concerns one operation, in ms: daily limits are told in hours. */
const LONGEST_TOLD_MS = 86_400_000;
/** A worker that dies during a look-up must not block the transfers of other workers for longer. */
const LONGEST_LOOK_UP_MS = 1_000;

/** Connects a lane to Genesys with this dialect. The caller closes it. */
export function createGenesys(options: GenesysOptions): Genesys {
  const { redis, lane, baseUrl, loginUrl, timeoutMs } = options;
  const dialect = openDialect(options.dialect);
  const closing = new AbortController();
  // Every request in progress adds a listener.
  setMaxListeners(0, closing.signal);
  const wire = createWire(timeoutMs, options.onRequest, {
    keep: dialect.headers,
    correlation: dialect.correlation,
  });
  const speed = lane.name === 'simulated' ? SIMULATED_SPEED : 1;
  const keys = laneKeys(lane);
  const holdOff = createHoldOff(redis, keys.holdOff, { speed });
  const oauth = { id: options.clientId, secret: options.clientSecret, baseUrl, loginUrl };
  const token = createTokenSource({
    wire,
    holdOff,
    dialect,
    oauth,
    store: createTokenStore(redis, lane, {
      of: { url: dialect.tokenRequest(oauth).url, id: oauth.id, secret: oauth.secret },
      lockMs: timeoutMs + LOCK_SPARE_MS,
      speed,
    }),
    signal: closing.signal,
    onState: options.onToken,
    speed,
  });
  const budget = createBudget(redis, lane, options.budget);
  const holdOffs = new Map<string, HoldOff>();
  const holdOffOf = (operation: string) => {
    const known = holdOffs.get(operation);
    if (known !== undefined) return known;
    const made = createHoldOff(redis, keys.holds, { speed, operation, longestToldMs: LONGEST_TOLD_MS });
    holdOffs.set(operation, made);
    return made;
  };
  const sends = createClient({ dialect, wire, token, holdOff, holdOffOf, budget, baseUrl, speed });
  const client = options.readsOnly === true ? readsOnly(sends, dialect.queries) : sends;
  const cache = createCache(redis, lane, Math.min(timeoutMs, LONGEST_LOOK_UP_MS));
  return {
    ...dialect.connect({
      ...{ client, cache, ...options.cache, speed },
      ...{ readLagMs: options.readLagMs, policies: options.policies, now: createRedisClock(redis).now },
    }),
    token,
    async learnLimits() {
      const { orgLimits } = dialect;
      if (orgLimits === undefined) return { learned: 'nothing' };
      const { path, perMinute } = orgLimits;
      const answer = await client.request({
        operation: 'limits',
        method: 'GET',
        path,
        signal: closing.signal,
      });
      if (!answer.ok)
        return { learned: 'nothing', why: 'failure' in answer ? describeFailure(answer.failure) : '' };
      const told = perMinute(answer.said.data);
      if (told === undefined)
        return { learned: 'nothing', why: 'the organisation names no limit of the token' };
      // The headers tell the limit that is in force: the lower one of the two counts.
      const allowed = Math.min(told, dialect.requestsAllowed(answer.said.headers) ?? told);
      await budget.learn(allowed);
      return { learned: allowed };
    },
    close() {
      closing.abort();
      wire.close();
    },
  };
}

import { type RedisClient, redisNow } from '../connection.ts';
import { loadScripts } from '../scripts.ts';

/** A time, shared by all workers, until which no request is sent to the other side. */
export interface HoldOff {
  /** The end of the hold-off in epoch ms by Redis' clock, or `undefined`. Checked before each request. */
  heldUntil(): Promise<number | undefined>;
  /**
   * The other side asks to back off, with or without a usable `Retry-After` in ms. `why`: what was exceeded, if told. Returns the
   * end of the hold-off.
   */
  raise(retryAfterMs: number | undefined, why?: string): Promise<number>;
  /** Resets it after a success: the next hold-off without `Retry-After` starts short. */
  lift(): Promise<void>;
}

/** The rule by which a transfer waits for a hold-off, as pace/budget.lua has it; `why`: what was exceeded. */
export function rateLimited(why: string | undefined): string {
  return why === undefined || why === '' ? 'rate limited' : `rate limited: ${why}`;
}

export type HoldOffOptions = {
  /** Divides every wait: 1 for live work, 100 for training. */
  speed?: number;
  /** The longest wait, in ms, whatever `Retry-After` says. */
  longestMs?: number;
  /** The cap of a `Retry-After`, in ms; by default `longestMs`. */
  longestToldMs?: number;
  /** Only this operation is held off; the key is shared by all operations. */
  operation?: string;
};

const FIRST_MS = 1_000;
/** The cap, also of `Retry-After`. */
export const LONGEST_HOLD_OFF_MS = 180_000;
const QUIET_MS = 60_000;

/** The hold-off under this key in Redis. Throws what Redis throws. */
export function createHoldOff(
  redis: RedisClient,
  key: string,
  { speed = 1, longestMs = LONGEST_HOLD_OFF_MS, longestToldMs = longestMs, operation }: HoldOffOptions = {},
): HoldOff {
  const runScript = loadScripts(redis);
  const of = operation === undefined ? '' : `:${operation}`;
  return {
    async heldUntil() {
      const until = Number((await redis.hget(key, `until${of}`)) ?? 0);
      if (until === 0) return undefined;
      return until > (await redisNow(redis)) ? until : undefined;
    },
    async raise(retryAfterMs, why = '') {
      const args = {
        toldMs: retryAfterMs === undefined ? '' : Math.ceil(retryAfterMs / speed),
        firstMs: FIRST_MS / speed,
        longestMs: (retryAfterMs === undefined ? longestMs : longestToldMs) / speed,
        jitter: Math.random(),
        quietMs: QUIET_MS / speed,
        ...{ why, of },
      };
      const [until] = (await runScript('pace/hold-off', { keys: { holdOff: key }, args })) as [string];
      return Number(until);
    },
    async lift() {
      await redis.hdel(key, `until${of}`, `streak${of}`, `why${of}`);
    },
  };
}

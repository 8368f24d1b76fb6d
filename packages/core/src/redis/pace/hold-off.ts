import { type RedisClient, redisNow } from '../connection.ts';
import { loadScripts } from '../scripts.ts';

/** One mark shared by all workers: until when no request goes to the other side. */
export interface HoldOff {
  /** Epoch ms by Redis' clock until which everybody holds off, or `undefined`. Looked at before each request. */
  heldUntil(): Promise<number | undefined>;
  /** The other side wants peace, with or without a usable `Retry-After` in ms. Gives until when everybody now holds off. */
  raise(retryAfterMs: number | undefined): Promise<number>;
  /** All is well again: the next hold-off without `Retry-After` starts short. */
  lift(): Promise<void>;
}

export type HoldOffOptions = {
  /** Divides every wait: 1 for live work, 100 for training. */
  speed?: number;
  /** The longest wait, in ms, whatever `Retry-After` says. */
  longestMs?: number;
  /** The longest wait that `Retry-After` may ask for, in ms; as `longestMs` where it is not given. */
  longestToldMs?: number;
};

const FIRST_MS = 1_000;
/** However long `Retry-After` asks for. */
export const LONGEST_HOLD_OFF_MS = 180_000;
const QUIET_MS = 60_000;

/** The mark under this key in Redis. Throws what Redis throws. */
export function createHoldOff(
  redis: RedisClient,
  key: string,
  { speed = 1, longestMs = LONGEST_HOLD_OFF_MS, longestToldMs = longestMs }: HoldOffOptions = {},
): HoldOff {
  const runScript = loadScripts(redis);
  return {
    async heldUntil() {
      const until = Number((await redis.hget(key, 'until')) ?? 0);
      if (until === 0) return undefined;
      return until > (await redisNow(redis)) ? until : undefined;
    },
    async raise(retryAfterMs) {
      const args = {
        toldMs: retryAfterMs === undefined ? '' : Math.ceil(retryAfterMs / speed),
        firstMs: FIRST_MS / speed,
        longestMs: (retryAfterMs === undefined ? longestMs : longestToldMs) / speed,
        jitter: Math.random(),
        quietMs: QUIET_MS / speed,
      };
      const [until] = (await runScript('pace/hold-off', { keys: { holdOff: key }, args })) as [string];
      return Number(until);
    },
    async lift() {
      await redis.del(key);
    },
  };
}

import type { RedisClient } from '../queue/connection.ts';
import { type Lane, laneKeys } from '../queue/lane.ts';
import { loadScripts } from '../queue/scripts.ts';

/** One mark shared by all workers: until when nobody sends to Genesys. */
export interface HoldOff {
  /** Epoch ms by Redis' clock until which everybody holds off, or `undefined`. Looked at before each request. */
  heldUntil(): Promise<number | undefined>;
  /** A 429 came, with or without a usable `Retry-After` in ms. Gives until when everybody now holds off. */
  raise(retryAfterMs: number | undefined): Promise<number>;
}

const FIRST_MS = 1_000;
const LONGEST_MS = 180_000;
const QUIET_MS = 60_000;

/** The mark in Redis. `speed` divides every wait: 1 for live work, 100 for training. Throws what Redis throws. */
export function createHoldOff(redis: RedisClient, lane: Lane, speed: number): HoldOff {
  const run = loadScripts(redis);
  const key = laneKeys(lane).holdOff;
  return {
    async heldUntil() {
      const until = Number((await redis.hget(key, 'until')) ?? 0);
      if (until === 0) return undefined;
      const [seconds, microseconds] = await redis.time();
      const now = Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
      return until > now ? until : undefined;
    },
    async raise(retryAfterMs) {
      const told = retryAfterMs === undefined ? '' : Math.ceil(retryAfterMs / speed);
      const args = [told, FIRST_MS / speed, LONGEST_MS / speed, Math.random(), QUIET_MS / speed];
      const [until] = (await run('hold-off', [key], args)) as [string];
      return Number(until);
    },
  };
}

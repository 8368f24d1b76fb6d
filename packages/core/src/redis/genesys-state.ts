import { type RedisClient, redisNow } from './connection.ts';
import { type Lane, laneKeys } from './keys.ts';

/** The state of Genesys as last reported by a worker. Times are ISO 8601. */
export type GenesysState = {
  token: string;
  tokenDetail?: string;
  tokenAt?: string;
  /** `null` without a hold-off. */
  holdOffUntil: string | null;
  /** The operations that are held off by themselves; absent if none. */
  holds?: { operation: string; until: string }[];
};

/** Reads that state, as `/readyz` shows it. Throws what Redis throws. */
export async function readGenesysState(redis: RedisClient, lane: Lane): Promise<GenesysState> {
  const keys = laneKeys(lane);
  const [[token, tokenDetail, at], until, holds, now] = await Promise.all([
    redis.hmget(keys.genesys, 'token', 'tokenDetail', 'at'),
    redis.hget(keys.holdOff, 'until'),
    redis.hgetall(keys.holds),
    redisNow(redis),
  ]);
  const held = Object.entries(holds).flatMap(([name, value]) => {
    const [, operation] = /^until:(.*)$/.exec(name) ?? [];
    return operation === undefined || Number(value) <= now ? [] : [{ operation, until: iso(value) }];
  });
  return {
    token: token ?? 'no worker has reported yet',
    ...(tokenDetail && { tokenDetail }),
    ...(at && { tokenAt: iso(at) }),
    holdOffUntil: Number(until ?? 0) > now ? iso(until ?? '') : null,
    ...(held.length > 0 && { holds: held }),
  };
}

/** Reports the state of Genesys, as seen by this worker, to all processes. Throws what Redis throws. */
export async function writeGenesysState(
  redis: RedisClient,
  lane: Lane,
  { state, detail }: { state: string; detail: string },
): Promise<void> {
  await redis.hset(laneKeys(lane).genesys, { token: state, tokenDetail: detail, at: Date.now() });
}

// Workers write epoch milliseconds; any other value is shown unchanged.
function iso(ms: string): string {
  const time = new Date(Number(ms));
  return Number.isNaN(time.getTime()) ? ms : time.toISOString();
}

import { type RedisClient, redisNow } from './connection.ts';
import { type Lane, laneKeys } from './keys.ts';

/** How the workers last had Genesys. Times are ISO 8601. */
export type GenesysState = {
  token: string;
  tokenDetail?: string;
  tokenAt?: string;
  /** `null` without a hold-off. */
  holdOffUntil: string | null;
};

/** How the workers last had Genesys, as `/readyz` shows it. Throws what Redis throws. */
export async function readGenesysState(redis: RedisClient, lane: Lane): Promise<GenesysState> {
  const keys = laneKeys(lane);
  const [[token, tokenDetail, at], until, now] = await Promise.all([
    redis.hmget(keys.genesys, 'token', 'tokenDetail', 'at'),
    redis.hget(keys.holdOff, 'until'),
    redisNow(redis),
  ]);
  return {
    token: token ?? 'no worker has reported yet',
    ...(tokenDetail && { tokenDetail }),
    ...(at && { tokenAt: iso(at) }),
    holdOffUntil: Number(until ?? 0) > now ? iso(until ?? '') : null,
  };
}

/** Notes for all processes how this worker has Genesys now. Throws what Redis throws. */
export async function writeGenesysState(
  redis: RedisClient,
  lane: Lane,
  { state, detail }: { state: string; detail: string },
): Promise<void> {
  await redis.hset(laneKeys(lane).genesys, { token: state, tokenDetail: detail, at: Date.now() });
}

// Workers write epoch milliseconds; whatever else stands there is shown as it is.
function iso(ms: string): string {
  const time = new Date(Number(ms));
  return Number.isNaN(time.getTime()) ? ms : time.toISOString();
}

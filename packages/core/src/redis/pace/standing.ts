import type { Pace } from '../../transfer/waiting-for.ts';
import { type RedisClient, redisNow } from '../connection.ts';
import { type Lane, laneKeys } from '../keys.ts';
import type { TransferQueue } from '../transfers/jobs.ts';

/** Only a hold reaches this count; of fewer jobs in a second BullMQ's limiter tells too. */
const HELD = 1_000_000;

/**
 * What holds up every transfer of a lane at the moment. While runs are held, workers take no jobs; without a hold-off the budget is
 * used up. Throws what Redis throws.
 */
export async function readPace(redis: RedisClient, lane: Lane, queue: TransferQueue): Promise<Pace> {
  const keys = laneKeys(lane);
  const [now, paused, heldMs, holdOff, recovery] = await Promise.all([
    redisNow(redis),
    queue.isPaused(),
    queue.getRateLimitTtl(HELD),
    redis.hget(keys.holdOff, 'until'),
    redis.hget(keys.recovery, 'heldUntil'),
  ]);
  const until = Math.max(Number(holdOff ?? 0), Number(recovery ?? 0));
  if (until > now) return { now, paused, held: { reason: 'hold-off', until } };
  if (heldMs > 0) return { now, paused, held: { reason: 'budget', until: now + heldMs } };
  return { now, paused };
}

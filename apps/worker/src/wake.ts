import type { Asleep, RedisClient } from '@handover/core/redis';
import type { Worker } from 'bullmq';

/** A queue that this process works on, and what sleeps in it. */
export type Tended = {
  worker: Pick<
    Worker,
    'name' | 'keys' | 'backend' | 'isRunning' | 'isPaused' | 'pause' | 'resume' | 'close'
  > & {
    on(event: 'error', heard: (error: Error) => void): unknown;
  };
  asleep: Asleep;
  /** Whether something may wait that has no job, and what gives what is due by `now` the job that it lacks. */
  lacking?: { key: string; give(now: number): Promise<void> };
};

/** BullMQ's score of a job that sleeps: the time at which it wakes, in epoch ms, times this. */
const DELAYED_STEP = 0x1000;
/** What is later than this was not woken by BullMQ itself, in ms. */
const LATE_MS = 1_000;

/** The keys of which one at least exists where `wake` has something to do. */
export function wakeKeys({ worker: { keys }, lacking }: Tended): string[] {
  return [keys.wait, keys.prioritized, keys.delayed, ...(lacking ? [lacking.key] : [])].map(
    (key) => key ?? '',
  );
}

/**
 * Gives what is due the job that it lacks, and sees to it that somebody takes the jobs of a queue whose turn it is by Redis' clock, `now`: the wake-up of one that waits
 * may have gone to a worker that is paused, and one that sleeps may sleep by a clock that is wrong.
 */
export async function wake(
  redis: RedisClient,
  { worker, asleep, lacking }: Tended,
  now: number,
): Promise<void> {
  await lacking?.give(now);
  const { wait = '', prioritized = '', delayed = '', marker = '' } = worker.keys;
  const [waiting, due, noted] = await Promise.all([
    redis.exists(wait, prioritized),
    redis.zcount(delayed, '-inf', now * DELAYED_STEP),
    asleep.due(now - LATE_MS),
  ]);
  // BullMQ's own wake-up; a worker that finds no job goes back to waiting.
  if (waiting > 0 || due > 0) await redis.zadd(marker, 0, '0');
  if (noted.length === 0) return;
  const scores = await Promise.all(noted.map((id) => redis.zscore(delayed, id)));
  const overslept = noted.filter((_, index) => scores[index] !== null);
  // One that woke meanwhile cannot be woken; whether all are awake shows at the next look.
  await Promise.allSettled(overslept.map((id) => worker.backend.promote(id)));
  if (overslept.length === 0) await asleep.forget(now - LATE_MS);
}

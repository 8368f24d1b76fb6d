import type { Worker } from 'bullmq';
import type { Asleep } from './asleep.ts';
import type { RedisClient } from './connection.ts';
import type { LaneKeys } from './keys.ts';

/** A worker of this process, and the sleeping jobs of its queue. */
export type SweptQueue = {
  worker: Pick<Worker, 'name' | 'keys' | 'backend'>;
  asleep: Asleep;
  /** One of `keys` exists where something may lack its job; `give` adds the jobs of what is due by `now` (epoch ms). */
  lacking?: { keys: string[]; give(now: number): Promise<void> };
};

/** BullMQ's score of a delayed job: its wake-up time in epoch ms, times this. */
const DELAYED_STEP = 0x1000;
/** BullMQ itself wakes a job within this many ms. */
const LATE_MS = 1_000;

/** Whether one of these queues has an active job; only those can lose their worker. Throws what Redis throws. */
export async function anyActive(redis: RedisClient, queues: SweptQueue[]): Promise<boolean> {
  return anyExists(
    redis,
    queues.map(({ worker: { keys } }) => keys.active),
  );
}

/** Whether these lanes have open transfers, these queues waiting or delayed jobs, or one of `more` exists. Throws what Redis throws. */
export async function anyToSweep(
  redis: RedisClient,
  lanes: Pick<LaneKeys, 'due' | 'deadlines'>[],
  queues: SweptQueue[],
  more: string[],
): Promise<boolean> {
  return anyExists(redis, [
    ...more,
    ...lanes.flatMap(({ due, deadlines }) => [due, deadlines]),
    ...queues.flatMap(({ worker: { keys }, lacking }) => [
      ...[keys.wait, keys.prioritized, keys.delayed, ...(lacking?.keys ?? [])],
    ]),
  ]);
}

/** Whether one of these keys exists. Throws what Redis throws. */
export async function anyExists(redis: RedisClient, keys: (string | undefined)[]): Promise<boolean> {
  return (await redis.exists(...keys.filter((key) => key !== undefined))) > 0;
}

/**
 * Wakes the jobs of a queue that are due at `now` by Redis' clock: a paused worker may have consumed a wake-up, or a job may have
 * been delayed by a wrong clock. Throws what Redis throws.
 */
export async function wakeDue(
  redis: RedisClient,
  { worker, asleep, lacking }: SweptQueue,
  now: number,
): Promise<void> {
  await lacking?.give(now);
  const { wait = '', prioritized = '', delayed = '', marker = '' } = worker.keys;
  const [waiting, due, noted] = await Promise.all([
    redis.exists(wait, prioritized),
    redis.zcount(delayed, '-inf', now * DELAYED_STEP),
    asleep.due(now - LATE_MS),
  ]);
  // BullMQ's own wake-up marker; a worker that finds no job waits again.
  if (waiting > 0 || due > 0) await redis.zadd(marker, 0, '0');
  if (noted.length === 0) return;
  const scores = await Promise.all(noted.map((id) => redis.zscore(delayed, id)));
  const overslept = noted.filter((_, index) => scores[index] !== null);
  // A job may wake in the meantime; then promoting it fails. The next sweep checks again.
  await Promise.allSettled(overslept.map((id) => worker.backend.promote(id)));
  if (overslept.length === 0) await asleep.forget(now - LATE_MS);
}

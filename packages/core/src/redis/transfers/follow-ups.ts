import { Queue } from 'bullmq';
import { type FollowUp, transferOf } from '../../transfer/follow-up-words.ts';
import type { TransferRequest } from '../../transfer/request.ts';
import type { FollowUpStore } from '../../transfer/stores.ts';
import { bullConnection } from '../bull.ts';
import { type RedisClient, redisNow } from '../connection.ts';
import { FOLLOW_UP_JOB, type FollowUpJob } from '../contracts.ts';
import { type Lane, laneKeys } from '../keys.ts';
import { loadScripts } from '../scripts.ts';
import { withoutJob } from './jobs.ts';
import { followUpField } from './record.ts';
import { SWEEP_GRACE_MS } from './record-store.ts';

export const FOLLOW_UP_QUEUE = 'follow-ups';

export type FollowUpQueue = Queue<FollowUpJob, unknown, typeof FOLLOW_UP_JOB>;

const KEPT_JOBS = { age: 24 * 3600, count: 5_000 };

/** The queue of follow-ups. The caller closes it and owns the connection. */
export function openFollowUpQueue(connection: RedisClient, prefix: string): FollowUpQueue {
  return new Queue(FOLLOW_UP_QUEUE, {
    ...bullConnection(connection),
    prefix,
    defaultJobOptions: {
      attempts: Number.MAX_SAFE_INTEGER,
      backoff: { type: 'fixed', delay: 1_000 },
      removeOnComplete: KEPT_JOBS,
      removeOnFail: KEPT_JOBS,
    },
  });
}

/** The follow-ups of a lane, stored in the records of their transfers. Throws what Redis throws. */
export function createFollowUpStore(redis: RedisClient, lane: Lane): FollowUpStore {
  const runScript = loadScripts(redis);
  const keys = laneKeys(lane);
  return {
    async find(id) {
      const record = keys.record(transferOf(id));
      const [[text, request], now] = await Promise.all([
        redis.hmget(record, followUpField(id), 'request'),
        redisNow(redis),
      ]);
      if (text == null || request == null) return undefined;
      return { followUp: JSON.parse(text) as FollowUp, request: JSON.parse(request) as TransferRequest, now };
    },

    async note(followUp, triesBefore) {
      const { id, state, dueAt } = followUp;
      return (await runScript('transfers/follow-up', {
        keys: { record: keys.record(transferOf(id)), followUps: keys.followUps },
        args: {
          ...{ id, field: followUpField(id), triesBefore, text: JSON.stringify(followUp) },
          lookAt: state === 'waiting' ? dueAt + SWEEP_GRACE_MS : '',
        },
      })) as 'noted' | 'stale';
    },

    async forget(id) {
      await redis.zrem(keys.followUps, id);
    },
  };
}

/**
 * Adds the missing jobs of due follow-ups, at most `limit`, and checks each again after `againMs`. Nothing else adds these jobs.
 * Returns their ids. Throws what BullMQ and Redis throw.
 */
export async function giveFollowUpsJobs(
  redis: RedisClient,
  queue: FollowUpQueue,
  lane: Lane,
  { now, limit, againMs }: { now: number; limit: number; againMs: number },
): Promise<string[]> {
  const { followUps } = laneKeys(lane);
  const due = await redis.zrangebyscore(followUps, '-inf', now, 'LIMIT', 0, limit);
  if (due.length === 0) return [];
  const lacking = await withoutJob(redis, queue, due);
  for (const id of lacking) await renewJob(queue, id);
  await redis.zadd(followUps, 'XX', ...due.flatMap((id) => [String(now + againMs), id]));
  return lacking;
}

async function renewJob(queue: FollowUpQueue, id: string): Promise<void> {
  const job = await queue.getJob(id);
  if (job !== undefined && (await job.isDelayed())) return job.promote();
  // A finished job with this id would prevent the new one.
  if (job !== undefined) await job.remove();
  await queue.add(FOLLOW_UP_JOB, { v: 1, id }, { jobId: id });
}

import { Queue } from 'bullmq';
import type { TransferRequest } from '../../transfer/request.ts';
import type { Wakes } from '../../transfer/stores.ts';
import { bullConnection } from '../bull.ts';
import { type RedisClient, redisNow } from '../connection.ts';
import { TRANSFER_JOB, type TransferJob, type TransferJobResult } from '../contracts.ts';
import type { Lane, LaneKeys } from '../keys.ts';

export type TransferQueue = Queue<TransferJob, TransferJobResult, typeof TRANSFER_JOB>;

const DEFAULT_PRIORITY = 5;
/** A BullMQ priority, as returned by `bullPriority`. */
const LOWEST_PRIORITY = 10;
/** BullMQ's score of a waiting job: its priority times this, plus a counter. */
const PRIORITY_STEP = 2 ** 32;
const KEPT_JOBS = { age: 24 * 3600, count: 5_000 };

/** The queue of a lane. The caller closes it and owns the connection. */
export function openTransferQueue(connection: RedisClient, lane: Lane): TransferQueue {
  return new Queue(lane.queue, {
    ...bullConnection(connection),
    prefix: lane.prefix,
    defaultJobOptions: {
      // The record counts the tries; these only retry after an unexpected error.
      attempts: Number.MAX_SAFE_INTEGER,
      backoff: { type: 'fixed', delay: 1_000 },
      removeOnComplete: KEPT_JOBS,
      removeOnFail: KEPT_JOBS,
    },
  });
}

/** Converts priority 0–9, higher first, to BullMQ's, where 1 is first. */
function bullPriority(request: TransferRequest): number {
  return LOWEST_PRIORITY - (request.priority ?? DEFAULT_PRIORITY);
}

/** The job that makes a worker process this transfer. Adding it again changes nothing. */
function transferJob(id: string, request: TransferRequest, now: number, traceparent?: string) {
  const delay = Math.max(0, (request.notBefore ?? 0) - now);
  return {
    name: TRANSFER_JOB,
    data: { v: 1 as const, id, ...(traceparent === undefined ? {} : { traceparent }) },
    opts: { jobId: id, priority: bullPriority(request), ...(delay > 0 ? { delay } : {}) },
  } satisfies { name: typeof TRANSFER_JOB; data: TransferJob; opts: object };
}

/** The jobs of this queue, for the transfer operations. Throws what BullMQ and Redis throw. */
export function createWakes(redis: RedisClient, queue: TransferQueue): Wakes {
  return {
    async add(transfers) {
      const now = Date.now();
      const jobs = transfers.map(({ id, request, traceparent }) =>
        transferJob(id, request, now, traceparent),
      );
      const [first] = jobs;
      // For a single job `addBulk` costs more than `add`.
      if (first !== undefined && jobs.length === 1) await queue.add(first.name, first.data, first.opts);
      else await queue.addBulk(jobs);
    },

    async renew(record) {
      if (record.request === null) return;
      const [now, job] = await Promise.all([redisNow(redis), queue.getJob(record.id)]);
      if (job !== undefined && (await job.isDelayed()) && record.nextAt <= now) return job.promote();
      // A finished job, or one that Redis lost in part when it went back in time, would prevent the new one.
      if (job !== undefined && (job.finishedOn !== undefined || Number.isNaN(job.timestamp)))
        await job.remove();
      const { name, data, opts } = transferJob(record.id, record.request, now, record.traceparent);
      const delay = Math.max(0, record.nextAt - now);
      await queue.add(name, data, { ...opts, delay });
    },

    async remove(id) {
      await queue.remove(id);
    },
  };
}

/**
 * Which of these due transfers or follow-ups have no runnable job: none, a finished one, or one that still sleeps because the
 * clock of its worker was ahead. One round trip.
 */
export async function withoutJob(
  redis: RedisClient,
  queue: Pick<Queue, 'toKey'>,
  ids: string[],
): Promise<string[]> {
  const states = await Promise.all(
    ids.map((id) =>
      Promise.all([
        redis.hmget(queue.toKey(id), 'timestamp', 'finishedOn'),
        redis.zscore(queue.toKey('delayed'), id),
      ]),
    ),
  );
  return ids.filter((_, index) => {
    const [[added, finished] = [], asleep] = states[index] ?? [];
    return added == null || finished != null || asleep != null;
  });
}

/**
 * How long the longest-waiting transfer has waited for a worker, in ms; 0 if none waits. Counted from acceptance, `notBefore` or
 * the end of its last wait. Throws what Redis throws.
 */
export async function longestWaitMs(
  redis: RedisClient,
  queue: TransferQueue,
  keys: LaneKeys,
): Promise<number> {
  // BullMQ orders by priority, then by time: the oldest job comes first within its priority.
  const heads = await Promise.all(
    Array.from({ length: LOWEST_PRIORITY }, (_, index) => {
      const [from, to] = [(index + 1) * PRIORITY_STEP, (index + 2) * PRIORITY_STEP];
      return redis.zrangebyscore(queue.toKey('prioritized'), from, `(${to}`, 'LIMIT', 0, 1);
    }),
  );
  const times = await Promise.all(
    heads.flat().map((id) => redis.hmget(keys.record(id), 'acceptedAt', 'nextAt')),
  );
  const now = await redisNow(redis);
  // A record may have been deleted in the meantime.
  const known = times.filter(([acceptedAt]) => acceptedAt != null);
  return Math.max(0, ...known.map((both) => now - Math.max(...both.map(Number))));
}

import { createLane, type RedisClient } from '@handover/core/redis';
import { DelayedError, type Job, UnrecoverableError } from 'bullmq';
import type { Logger } from 'pino';

/** For how long the same error of a queue is not logged again, in ms: a loop can cause thousands. */
const SAME_ERROR_MS = 10_000;

const transferQueues = [createLane('live', ''), createLane('simulated', '')].map(({ queue }) => queue);

/** The log fields of a job. In transfer queues the job id is the transfer id. */
export function jobFields(queue: string, id: string | undefined) {
  return transferQueues.includes(queue) ? { queue, transfer: id } : { queue, job: id };
}

/** Logs a queue's errors. A lost connection causes dozens and is logged by the connection itself. */
export function logErrors(redis: RedisClient, log: Logger, queue: string): (error: Error) => void {
  let last = { message: '', at: Number.NEGATIVE_INFINITY };
  return (error) => {
    const { message } = error;
    const at = performance.now();
    if (redis.status !== 'ready' || (message === last.message && at - last.at < SAME_ERROR_MS)) return;
    last = { message, at };
    log.warn({ queue, err: error }, 'queue.failed');
  };
}

/**
 * Logs unexpected errors of a job and rethrows them, so that BullMQ retries the job. `DelayedError` and `UnrecoverableError`
 * control BullMQ; the code that throws them logs the reason.
 */
export function loggingThrown<T>(
  log: Logger,
  queue: string,
  process: (job: Job<unknown, T>, token?: string) => Promise<T>,
): (job: Job<unknown, T>, token?: string) => Promise<T> {
  return async (job, token) => {
    try {
      return await process(job, token);
    } catch (error) {
      if (!(error instanceof DelayedError || error instanceof UnrecoverableError))
        log.error({ ...jobFields(queue, job.id), err: error }, 'job.failed');
      throw error;
    }
  };
}

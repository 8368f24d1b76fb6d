import type { Asleep, SweptQueue, TransferJobResult, TransferQueue } from '@handover/core/redis';
import type { Next } from '@handover/core/transfer';
import { DelayedError, type Job, UnrecoverableError, type Worker } from 'bullmq';

const AGAIN_MS = 1_000;

/** A worker of this process, and the sleeping jobs of its queue. */
export type QueueWorker = SweptQueue & {
  worker: Pick<Worker, 'isRunning' | 'isPaused' | 'pause' | 'resume' | 'close'> & {
    on(event: 'error', heard: (error: Error) => void): unknown;
  };
};

/**
 * Translates the result of an attempt for BullMQ; the only place that does (docs/rules.md). Returns the job's result if the job
 * is done, else throws what BullMQ expects.
 */
export async function queueAction(
  next: Next,
  job: Job,
  token: string,
  queue: TransferQueue,
): Promise<TransferJobResult> {
  switch (next.do) {
    case 'done': {
      const { status, reason } = next.outcome;
      if (status === 'failed') throw new UnrecoverableError(`failed: ${reason ?? 'no reason given'}`);
      return { status, reason };
    }
    case 'park':
      throw new UnrecoverableError('unconfirmed for too long: an operator must settle it');
    case 'contradicted':
      throw new UnrecoverableError(`it happened, although it was settled as ${next.settledAs.status}`);
    case 'sleep':
      return sleep(job, token, next.inMs);
    case 'hold': {
      // In BullMQ the last call wins, so set the later of the two times.
      const alreadyMs = await queue.getRateLimitTtl();
      await queue.rateLimit(Math.max(next.inMs, alreadyMs, 1));
      return sleep(job, token, next.inMs);
    }
    case 'hand-back':
      return sleep(job, token, 0);
    case 'nothing':
      return { status: 'nothing', why: next.why };
  }
}

/**
 * Returns the job to the queue with a delay, without using a BullMQ attempt. Also for no delay: BullMQ wakes no idle worker for a
 * prioritized job put back by `moveToWait` or `RateLimitError`.
 */
async function sleep(job: Job, token: string, inMs: number): Promise<never> {
  await job.moveToDelayed(Date.now() + inMs, token);
  throw new DelayedError();
}

/** Like `sleep`, but also recorded by Redis' clock, so that the sweep wakes it on time even if this machine's clock is wrong. */
export async function sleepNoted(asleep: Asleep, job: Job, token: string, inMs: number): Promise<never> {
  await Promise.all([asleep.note(job.id ?? '', inMs), job.moveToDelayed(Date.now() + inMs, token)]);
  throw new DelayedError();
}

/**
 * Retries a job after an unexpected error in a second, by Redis' clock; BullMQ's backoff would use this machine's clock, and
 * nothing would wake it early. Rethrows errors meant for BullMQ.
 */
export async function tryAgain(
  error: unknown,
  { asleep, job, token }: { asleep: Asleep; job: Job; token: string },
): Promise<never> {
  if (error instanceof DelayedError || error instanceof UnrecoverableError) throw error;
  return sleepNoted(asleep, job, token, AGAIN_MS);
}

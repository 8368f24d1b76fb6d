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
 * Maps the next step of an attempt to BullMQ; the only place that does (docs/rules.md).
 * Returns the result of a job that is done; otherwise throws the error that BullMQ expects.
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
      if (status === 'failed') throw new UnrecoverableError(`failed: ${reason ?? 'unknown reason'}`);
      return { status, reason };
    }
    case 'park':
      throw new UnrecoverableError('unconfirmed for too long: an operator must resolve it');
    case 'contradicted':
      throw new UnrecoverableError(
        `the call was moved, although the transfer had been settled as ${next.settledAs.status}`,
      );
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
 * Delays the job by so many ms, without consuming a BullMQ attempt. Also for 0 ms: BullMQ does not wake idle workers for a job
 * with a priority that `moveToWait` or `RateLimitError` returns, but it does for a delayed one.
 */
async function sleep(job: Job, token: string, inMs: number): Promise<never> {
  await job.moveToDelayed(Date.now() + inMs, token);
  throw new DelayedError();
}

/** Like `sleep`, but also noted by Redis' clock, so that the sweep wakes it on time even if this machine's clock is wrong. */
export async function sleepNoted(asleep: Asleep, job: Job, token: string, inMs: number): Promise<never> {
  await Promise.all([asleep.note(job.id ?? '', inMs), job.moveToDelayed(Date.now() + inMs, token)]);
  throw new DelayedError();
}

/**
 * Retries a job that threw an unexpected error a second later, by Redis' clock: BullMQ's own backoff uses this machine's clock,
 * which may be wrong. Rethrows `DelayedError` and `UnrecoverableError`.
 */
export async function tryAgain(
  error: unknown,
  { asleep, job, token }: { asleep: Asleep; job: Job; token: string },
): Promise<never> {
  if (error instanceof DelayedError || error instanceof UnrecoverableError) throw error;
  return sleepNoted(asleep, job, token, AGAIN_MS);
}

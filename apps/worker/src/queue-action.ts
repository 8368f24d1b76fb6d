import type { Asleep, SweptQueue, TransferJobResult, TransferQueue } from '@handover/core/redis';
import type { Next } from '@handover/core/transfer';
import { DelayedError, type Job, UnrecoverableError, type Worker } from 'bullmq';

const AGAIN_MS = 1_000;

/** A worker of this process, and which jobs of its queue sleep. */
export type QueueWorker = SweptQueue & {
  worker: Pick<Worker, 'isRunning' | 'isPaused' | 'pause' | 'resume' | 'close'> & {
    on(event: 'error', heard: (error: Error) => void): unknown;
  };
};

/**
 * Turns what an attempt says should follow into BullMQ's vocabulary: the one place that does (docs/rules.md).
 * Gives the job's result where it is done; throws what BullMQ wants thrown where it is not.
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
      // The last call wins in BullMQ, so the later of the two times is what must be set.
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
 * Back to the queue, to run in so many ms, no try of BullMQ's used. Also where the job could wait at once: what BullMQ
 * puts back to wait with a priority (`moveToWait`, `RateLimitError`) wakes no idle worker, a delay does.
 */
async function sleep(job: Job, token: string, inMs: number): Promise<never> {
  await job.moveToDelayed(Date.now() + inMs, token);
  throw new DelayedError();
}

/** As `sleep`, noted by Redis' clock as well: the sweep wakes it on time, whatever the clock of this machine says. */
export async function sleepNoted(asleep: Asleep, job: Job, token: string, inMs: number): Promise<never> {
  await Promise.all([asleep.note(job.id ?? '', inMs), job.moveToDelayed(Date.now() + inMs, token)]);
  throw new DelayedError();
}

/**
 * A job that threw an unforeseen error is tried again a second later, by Redis' clock. BullMQ's own backoff would be stamped
 * with this machine's clock, and nothing would wake it early. Rethrows what BullMQ has to see.
 */
export async function tryAgain(
  error: unknown,
  { asleep, job, token }: { asleep: Asleep; job: Job; token: string },
): Promise<never> {
  if (error instanceof DelayedError || error instanceof UnrecoverableError) throw error;
  return sleepNoted(asleep, job, token, AGAIN_MS);
}

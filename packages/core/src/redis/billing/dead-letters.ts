import type { Job } from 'bullmq';
import { type Actor, actorLabel } from '../../transfer/words.ts';
import { createAuditStore } from '../audit.ts';
import { type RedisClient, redisNow } from '../connection.ts';
import { BillingEventJob, DeliveryJob } from '../contracts.ts';
import { createLane } from '../keys.ts';
import type { BillingQueue, DeliveryQueue } from './jobs.ts';

/** The queues whose failed jobs are dead letters. */
export type BillingQueues = { queue: BillingQueue; deliveries: DeliveryQueue[] };

const MOST = 1_000;

/** A bill that was refused or given up, or an event that could not be processed. */
export type BillingDeadLetter = ReturnType<typeof deadLetterView>;

/** The dead letters of billing, newest first. */
export async function billingDeadLetters(
  { queue, deliveries }: BillingQueues,
  most = MOST,
): Promise<BillingDeadLetter[]> {
  const lists = await Promise.all(
    [queue, ...deliveries].map(async (one) =>
      (await failedJobs(one, most)).map((job) => deadLetterView(one.name, job)),
    ),
  );
  return lists
    .flat()
    .sort((a, b) => (a.at < b.at ? 1 : -1))
    .slice(0, most);
}

/** In portions: a job has its whole bill or event. */
async function failedJobs(queue: BillingQueue | DeliveryQueue, most: number): Promise<Job[]> {
  const found: Job[] = [];
  for (let from = 0; from < most; from += MOST) {
    const jobs = await queue.getFailed(from, Math.min(from + MOST, most) - 1);
    found.push(...jobs);
    if (jobs.length < MOST) break;
  }
  return found;
}

/**
 * Replays a dead letter of billing, with another day of retries. Returns it as it was; `undefined` if none has this id, and
 * `'not-dead'` if its job is not failed.
 */
export async function replayBilling(
  { queue, deliveries, redis }: BillingQueues & { redis: RedisClient },
  id: string,
  actor: Actor,
  reason: string,
): Promise<BillingDeadLetter | 'not-dead' | undefined> {
  const found = [queue, ...deliveries].find(({ name }) => id.startsWith(`${name}.`));
  if (found === undefined) return undefined;
  const jobId = id.slice(found.name.length + 1);
  const state = await found.getJobState(jobId);
  // Other keys of the queue resemble job keys; their state is unknown.
  const job = state === 'unknown' ? undefined : await found.getJob(jobId);
  if (job === undefined) return undefined;
  if (state !== 'failed') return 'not-dead';
  const letter = deadLetterView(found.name, job);
  const delivery = DeliveryJob.safeParse(job.data);
  // BullMQ's step takes no other; so it is written down before, and what cannot be written is refused.
  const audit = createAuditStore(redis, createLane('live', queue.opts.prefix ?? ''));
  await audit.note(actor, 'replay', id, reason);
  if (delivery.success)
    await job.updateData({ ...delivery.data, tries: 0, since: await redisNow(redis), nextAt: 0 });
  try {
    await job.retry('failed');
  } catch (error) {
    if (await job.isFailed()) throw error;
    // Another operator was faster.
    return 'not-dead';
  }
  await job.log(`replayed by ${actorLabel(actor)}: ${reason}`);
  return letter;
}

/** The number of dead letters. */
export async function countBillingDeadLetters({ queue, deliveries }: BillingQueues): Promise<number> {
  const counts = await Promise.all([queue, ...deliveries].map((one) => one.getFailedCount()));
  return counts.reduce((sum, count) => sum + count, 0);
}

function deadLetterView(queue: string, job: Job) {
  const delivery = DeliveryJob.safeParse(job.data);
  const event = BillingEventJob.safeParse(job.data);
  return {
    id: `${queue}.${job.id}`,
    queue,
    at: new Date(job.finishedOn ?? job.timestamp).toISOString(),
    why: job.failedReason ?? '',
    tries: delivery.success ? delivery.data.tries + 1 : job.attemptsStarted,
    ...(delivery.success && { record: delivery.data.bill }),
    ...(event.success && { event: event.data.event }),
  };
}

import type { Job } from 'bullmq';
import { type Actor, actorLabel } from '../../transfer/words.ts';
import { type RedisClient, redisNow } from '../connection.ts';
import { BillingEventJob, DeliveryJob } from '../contracts.ts';
import type { BillingQueue, DeliveryQueue } from './jobs.ts';

/** The queues whose failed jobs wait for a person. */
export type BillingQueues = { queue: BillingQueue; deliveries: DeliveryQueue[] };

const MOST = 1_000;

/** A billing record that a destination refused or that was given up, or an event that could not be taken. */
export type BillingDeadLetter = ReturnType<typeof deadLetterView>;

/** What of billing waits for a person, newest first. */
export async function billingDeadLetters({ queue, deliveries }: BillingQueues): Promise<BillingDeadLetter[]> {
  const lists = await Promise.all(
    [queue, ...deliveries].map(async (one) =>
      (await one.getFailed(0, MOST - 1)).map((job) => deadLetterView(one.name, job)),
    ),
  );
  return lists
    .flat()
    .sort((a, b) => (a.at < b.at ? 1 : -1))
    .slice(0, MOST);
}

/**
 * Starts a dead letter of billing again, with a new day of tries. Gives what it was; `undefined` where none has this id,
 * and `'not-dead'` where it does not wait for a person.
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
  // Keys of the queue itself look like jobs too; they are in no state.
  const job = state === 'unknown' ? undefined : await found.getJob(jobId);
  if (job === undefined) return undefined;
  if (state !== 'failed') return 'not-dead';
  const letter = deadLetterView(found.name, job);
  const delivery = DeliveryJob.safeParse(job.data);
  if (delivery.success)
    await job.updateData({ ...delivery.data, tries: 0, since: await redisNow(redis), nextAt: 0 });
  try {
    await job.retry('failed');
  } catch (error) {
    if (await job.isFailed()) throw error;
    // Somebody else was faster.
    return 'not-dead';
  }
  await job.log(`replayed by ${actorLabel(actor)}: ${reason}`);
  return letter;
}

/** How many there are. */
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

import { randomUUID } from 'node:crypto';
import { Queue, type QueueOptions } from 'bullmq';
import { eventKey } from '../../billing/event.ts';
import type { Bill, TransferEvent } from '../../billing/words.ts';
import { bullConnection } from '../bull.ts';
import type { RedisClient } from '../connection.ts';
import { type BillingJobName, DELIVERY_JOB, type DeliveryJob } from '../contracts.ts';

export const BILLING_QUEUE = 'billing';

export type BillingQueue = Queue<unknown, unknown, BillingJobName>;
export type DeliveryQueue = Queue<DeliveryJob, unknown, typeof DELIVERY_JOB>;

const KEPT_JOBS = { age: 24 * 3600, count: 5_000 };
/** How long the same event is recognised before it gets a job of its own, in ms; after that its trail recognises it. */
const SAME_EVENT_MS = 24 * 3_600_000;

/** A failed job waits for a person, for as long as that takes. */
function options(connection: RedisClient, prefix: string): QueueOptions {
  return {
    ...bullConnection(connection),
    prefix,
    defaultJobOptions: {
      attempts: Number.MAX_SAFE_INTEGER,
      backoff: { type: 'fixed', delay: 1_000 },
      removeOnComplete: KEPT_JOBS,
      removeOnFail: false,
    },
  };
}

/** The queue of events, and of the work around them. The caller closes it; the connection stays the caller's. */
export function openBillingQueue(connection: RedisClient, prefix: string): BillingQueue {
  return new Queue(BILLING_QUEUE, options(connection, prefix));
}

/** The queue of bills on their way to this destination; likewise. */
export function openDeliveryQueue(
  connection: RedisClient,
  prefix: string,
  destination: string,
): DeliveryQueue {
  return new Queue(deliveryQueueName(destination), options(connection, prefix));
}

export function deliveryQueueName(destination: string): string {
  return `billing-${destination}`;
}

/** Queues an event, durably once this resolves. Gives whether it is a new one: the same event again gets no second job. */
export async function queueEvent(queue: BillingQueue, event: TransferEvent): Promise<'queued' | 'duplicate'> {
  const jobId = randomUUID();
  const deduplication = { id: eventKey(event), ttl: SAME_EVENT_MS };
  const job = await queue.add('event', { v: 1, event }, { jobId, deduplication });
  return job.id === jobId ? 'queued' : 'duplicate';
}

/** Puts a bill on its way; adding one that is on its way already changes nothing. `now` is epoch milliseconds by Redis' clock. */
export async function queueDelivery(queue: DeliveryQueue, bill: Bill, now: number): Promise<void> {
  await queue.add(DELIVERY_JOB, { v: 1, bill, tries: 0, since: now }, { jobId: bill.id });
}

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
/** How long a repeated event is deduplicated in the queue, in ms; afterwards by its trail. */
const SAME_EVENT_MS = 24 * 3_600_000;

/** A failed job is kept until an operator replays it. */
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

/** Opens the queue of events and registrations. The caller closes it, and keeps the connection. */
export function openBillingQueue(connection: RedisClient, prefix: string): BillingQueue {
  return new Queue(BILLING_QUEUE, options(connection, prefix));
}

/** Opens the delivery queue of this destination; likewise. */
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

/** Queues an event, durably once resolved. A repeated event gets no second job (`duplicate`). */
export async function queueEvent(queue: BillingQueue, event: TransferEvent): Promise<'queued' | 'duplicate'> {
  const jobId = randomUUID();
  const deduplication = { id: eventKey(event), ttl: SAME_EVENT_MS };
  const job = await queue.add('event', { v: 1, event }, { jobId, deduplication });
  return job.id === jobId ? 'queued' : 'duplicate';
}

/** Queues the delivery of a bill; idempotent. `now` is epoch milliseconds by Redis' clock. */
export async function queueDelivery(queue: DeliveryQueue, bill: Bill, now: number): Promise<void> {
  await queue.add(DELIVERY_JOB, { v: 1, bill, tries: 0, since: now }, { jobId: bill.id });
}

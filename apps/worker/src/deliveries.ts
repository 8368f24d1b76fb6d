import { afterFailure, type DeliveryPolicy, type Destination } from '@handover/core/billing';
import type { BillingMeter } from '@handover/core/metrics';
import {
  bullConnection,
  createHoldOff,
  DeliveryJob,
  type DeliveryQueue,
  deliveryQueueName,
  type Lane,
  laneKeys,
  type RedisClient,
} from '@handover/core/queue';
import { type Job, UnrecoverableError, Worker } from 'bullmq';
import type { Logger } from 'pino';
import { logErrors, loggingThrown } from './job-log.ts';
import { sleep } from './queue-action.ts';
import { NO_LIMIT } from './transfers.ts';

/** Deliveries at once in one process and to one destination: what it gets to bear when it comes back. */
const CONCURRENCY = 10;
const LONGEST_HOLD_OFF_MS = 60_000;
/** A destination that asks for more rest than that is asked again all the same (docs/billing.md). */
const LONGEST_TOLD_MS = 3_600_000;
/** After a hold-off the deliveries that had been taken already start spread over this long, in ms. */
const SPREAD_MS = 1_000;

/** A bill that is late costs nobody anything at once: a lost worker's deliveries may wait for half a minute. */
export const PATIENT_LOCKS = {
  lockDuration: 30_000,
  stalledInterval: 5_000,
  maxStalledCount: 1_000_000,
};

export type DeliveryWorkerOptions = {
  redis: RedisClient;
  lane: Lane;
  queue: DeliveryQueue;
  destination: Destination;
  policy: DeliveryPolicy;
  meter: BillingMeter;
  log: Logger;
  /** Aborted when a shutdown has no more time. */
  signal: AbortSignal;
};

/**
 * Brings bills to one destination. Where it fails, a bill goes again after growing gaps, and all of them hold off together
 * until the destination has had a rest. One that is gone is disabled: its queue is paused, for all workers, until a person
 * resumes it (docs/billing.md).
 */
export function startDeliveryWorker(options: DeliveryWorkerOptions): Worker {
  const { redis, lane, queue, destination, policy, meter, log, signal } = options;
  const { name } = destination;
  const key = laneKeys(lane).deliveryHoldOff(name);
  const holdOff = createHoldOff(redis, key, {
    longestMs: LONGEST_HOLD_OFF_MS,
    longestToldMs: LONGEST_TOLD_MS,
  });
  let isTroubled = false;

  async function process(job: Job<unknown>, token = ''): Promise<{ delivered: string }> {
    const parsed = DeliveryJob.safeParse(job.data);
    if (!parsed.success) {
      log.error({ destination: name, id: job.id }, 'job.unreadable');
      throw new UnrecoverableError('the payload cannot be read');
    }
    const heldUntil = await holdOff.heldUntil();
    if (heldUntil !== undefined) return sleep(job, token, inMs(heldUntil) + Math.random() * SPREAD_MS);
    const { bill, since } = parsed.data;
    const answer = await destination.deliver(bill, signal);
    if (answer.delivered) {
      if (isTroubled) await holdOff.lift();
      isTroubled = false;
      meter.delivered(name, bill, Date.now());
      return { delivered: name };
    }
    if (signal.aborted) return sleep(job, token, 0);

    const tries = parsed.data.tries + 1;
    const next = afterFailure(answer, { tries, since, now: Date.now(), random: Math.random() }, policy);
    const line = { destination: name, bill: bill.id, tries, detail: answer.detail };
    meter.failed(name, answer.kind);
    if (next.do === 'disable') {
      await queue.pause();
      log.error(line, 'billing.destination-disabled');
      await job.log(`${answer.detail}; the destination is disabled until a person resumes the queue`);
      return sleep(job, token, next.inMs);
    }
    if (next.all) {
      isTroubled = true;
      await queue.rateLimit(inMs(await holdOff.raise(answer.retryAfterMs)));
    }
    if (next.do === 'give-up') {
      meter.record('dead-letter');
      log.error(line, 'billing.given-up');
      throw new UnrecoverableError(next.why);
    }
    meter.record('retried');
    log.warn({ ...line, inMs: next.inMs }, 'billing.delivery-failed');
    await job.updateData({ ...parsed.data, tries });
    await job.log(`try ${tries}: ${answer.detail}`);
    return sleep(job, token, next.inMs);
  }

  const queueName = deliveryQueueName(name);
  return new Worker(queueName, loggingThrown(log, queueName, process), {
    ...bullConnection(redis),
    prefix: lane.prefix,
    concurrency: CONCURRENCY,
    limiter: NO_LIMIT,
    ...PATIENT_LOCKS,
  }).on('error', logErrors(redis, log, queueName));
}

function inMs(until: number): number {
  return Math.max(1, until - Date.now());
}

import { hostname } from 'node:os';
import { afterFailure, type DeliveryPolicy, type Destination } from '@handover/core/billing';
import type { BillingMeter } from '@handover/core/metrics';
import {
  bullConnection,
  createAsleep,
  createHoldOff,
  createPauseStore,
  DeliveryJob,
  type DeliveryQueue,
  deliveryQueueName,
  type Lane,
  laneKeys,
  type RedisClient,
  type RedisClock,
} from '@handover/core/redis';
import { type Job, UnrecoverableError, Worker } from 'bullmq';
import type { Logger } from 'pino';
import { jobFields, logErrors, loggingThrown } from '../job-log.ts';
import { NO_LIMIT, PATIENT_LOCKS } from '../locks.ts';
import { type QueueWorker, sleepNoted, tryAgain } from '../queue-action.ts';

/** Concurrent deliveries of one process to one destination; bounds the load on one that recovers. */
const CONCURRENCY = 10;
const LONGEST_HOLD_OFF_MS = 60_000;
/** A longer `Retry-After` is capped at this (docs/billing.md). */
const LONGEST_TOLD_MS = 3_600_000;
/** After a hold-off, deliveries that workers had already taken start spread over this time, in ms. */
const SPREAD_MS = 1_000;

export type DeliveryWorkerOptions = {
  redis: RedisClient;
  /** Decides when a bill is tried, and when it is given up. */
  clock: RedisClock;
  lane: Lane;
  queue: DeliveryQueue;
  destination: Destination;
  policy: DeliveryPolicy;
  meter: BillingMeter;
  log: Logger;
  /** Aborted when the shutdown time is over. */
  signal: AbortSignal;
};

/**
 * Delivers bills to one destination (docs/billing.md). A failed delivery is retried with backoff, and all deliveries to the
 * destination hold off together. A destination that is gone is disabled: its queue is paused for all workers until an operator
 * resumes it.
 */
export function startDeliveryWorker(options: DeliveryWorkerOptions): QueueWorker {
  const { redis, clock, lane, queue, destination, policy, meter, log, signal } = options;
  const { name } = destination;
  const key = laneKeys(lane).deliveryHoldOff(name);
  const holdOff = createHoldOff(redis, key, {
    longestMs: LONGEST_HOLD_OFF_MS,
    longestToldMs: LONGEST_TOLD_MS,
  });
  const queueName = deliveryQueueName(name);
  const asleep = createAsleep(redis, clock, lane, queueName);
  const pauses = createPauseStore(redis, lane);
  let isTroubled = false;

  async function deliver(job: Job<unknown>, token: string): Promise<{ delivered: string }> {
    const parsed = DeliveryJob.safeParse(job.data);
    if (!parsed.success) {
      const reason = 'the payload cannot be read';
      log.error({ ...jobFields(queueName, job.id), reason }, 'job.unreadable');
      throw new UnrecoverableError(reason);
    }
    const { bill, since, nextAt = 0 } = parsed.data;
    const [heldUntil, now] = await Promise.all([holdOff.heldUntil(), clock.now()]);
    if (heldUntil !== undefined)
      return sleepNoted(asleep, job, token, Math.max(1, heldUntil - now) + Math.random() * SPREAD_MS);
    // A worker whose clock is ahead may have woken it too early.
    if (nextAt > now) return sleepNoted(asleep, job, token, nextAt - now);
    const answer = await destination.deliver(bill, signal);
    const answeredAt = await clock.now();
    if (answer.delivered) {
      if (isTroubled) await holdOff.lift();
      isTroubled = false;
      meter.delivered(name, bill, answeredAt);
      return { delivered: name };
    }
    if (signal.aborted) return sleepNoted(asleep, job, token, 0);

    const tries = parsed.data.tries + 1;
    const next = afterFailure(answer, { tries, since, now: answeredAt, random: Math.random() }, policy);
    const about = { bill: bill.id, transfer: bill.transferId, call: bill.callId };
    const line = { destination: name, ...about, tries, reason: answer.detail };
    meter.failed(name, answer.kind);
    if (next.do === 'disable') {
      await pauses.pause(queue, { type: 'worker', name: hostname() }, answer.detail);
      log.error(line, 'billing.destination-disabled');
      await job.log(`${answer.detail}; the destination is disabled until an operator resumes the queue`);
      return sleepNoted(asleep, job, token, next.inMs);
    }
    if (next.all) {
      isTroubled = true;
      const until = await holdOff.raise(answer.retryAfterMs);
      await queue.rateLimit(Math.max(1, until - (await clock.now())));
    }
    if (next.do === 'give-up') {
      meter.bills('dead-letter');
      log.error(line, 'billing.given-up');
      throw new UnrecoverableError(next.why);
    }
    meter.bills('retried');
    log.warn({ ...line, inMs: next.inMs }, 'billing.delivery-failed');
    await job.updateData({ ...parsed.data, tries, nextAt: answeredAt + next.inMs });
    await job.log(`try ${tries}: ${answer.detail}`);
    return sleepNoted(asleep, job, token, next.inMs);
  }

  const handle = loggingThrown(log, queueName, (job: Job<unknown>, token = '') => deliver(job, token));
  const process = (job: Job<unknown>, token = '') =>
    handle(job, token).catch((error) => tryAgain(error, { asleep, job, token }));
  const worker = new Worker(queueName, process, {
    ...bullConnection(redis),
    prefix: lane.prefix,
    concurrency: CONCURRENCY,
    limiter: NO_LIMIT,
    ...PATIENT_LOCKS,
  }).on('error', logErrors(redis, log, queueName));
  return { worker, asleep };
}

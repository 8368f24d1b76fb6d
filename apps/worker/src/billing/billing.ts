import type { Bill } from '@handover/core/billing';
import type { Config } from '@handover/core/config';
import { openDestinations } from '@handover/core/destinations';
import type { BillingMeter } from '@handover/core/metrics';
import {
  BILLING_QUEUE,
  type BillingJobName,
  bullConnection,
  closeWorker,
  createAsleep,
  createBillingStore,
  createLane,
  hasTransfersOf,
  openBillingQueue,
  openDeliveryQueue,
  queueDelivery,
  type RedisClient,
  type RedisClock,
} from '@handover/core/redis';
import { type Job, Worker } from 'bullmq';
import type { Logger } from 'pino';
import { logErrors, loggingThrown } from '../job-log.ts';
import { PATIENT_LOCKS } from '../locks.ts';
import { type QueueWorker, tryAgain } from '../queue-action.ts';
import type { LaneParts } from '../transfers.ts';
import { startDeliveryWorker } from './deliveries.ts';
import { createEventHandler } from './events.ts';
import { matching } from './match.ts';
import type { BillingParts } from './parts.ts';
import { createRegistration } from './webhook.ts';

const CONCURRENCY = 20;

export type BillingOptions = {
  config: Pick<Config, 'billing' | 'webhook' | 'history' | 'retentionMs' | 'queuePrefix'>;
  redis: RedisClient;
  clock: RedisClock;
  live: LaneParts;
  meter: BillingMeter;
  log: Logger;
  /** Aborted when the shutdown time is over. */
  signal: AbortSignal;
};

/**
 * Starts the billing of this process: processes events, matches them with our records, registers the webhook, and delivers
 * bills to every configured destination. `close` completes jobs in progress.
 */
export async function startBilling(options: BillingOptions) {
  const { config, redis, clock, live, meter, log, signal } = options;
  const { queuePrefix } = config;
  const queue = openBillingQueue(redis, queuePrefix).on('error', logErrors(redis, log, BILLING_QUEUE));
  const destinations = await openDestinations(config.billing, {
    now: clock.now,
    onError: (error) => log.warn({ err: error }, 'billing.database-failed'),
  });
  const routes = destinations.map((destination) => {
    const own = openDeliveryQueue(redis, queuePrefix, destination.name);
    return { destination, queue: own.on('error', logErrors(redis, log, own.name)) };
  });
  const asleep = createAsleep(redis, clock, live.lane, BILLING_QUEUE);
  const trails = createBillingStore(redis, live.lane, {
    retentionMs: config.retentionMs,
    keepsHistory: config.history.url !== undefined,
  });
  const training = createLane('simulated', queuePrefix);
  const parts: BillingParts = {
    config,
    clock,
    live,
    trails,
    transfers: {
      recordOf: live.store.recordOf,
      recordsOfCall: live.store.recordsOfCall,
      isTraining: (callId) => hasTransfersOf(redis, training, callId),
    },
    dispatcher: {
      async dispatch(bill: Bill) {
        const now = await clock.now();
        await Promise.all(routes.map((route) => queueDelivery(route.queue, bill, now)));
        await trails.dispatched(bill.id);
      },
    },
    meter,
    log,
  };
  const registration = createRegistration({ ...parts, redis, queue, asleep, signal });

  /** Earlier versions scheduled matching as a job; now it is a chore. */
  const dropScheduler = () => queue.removeJobScheduler('match');

  const handlers: Record<BillingJobName, (job: Job<unknown>, token: string) => Promise<unknown>> = {
    event: createEventHandler(parts, asleep),
    match: dropScheduler,
    'register-webhook': registration.handle,
  };
  const handle = loggingThrown(log, BILLING_QUEUE, (job, token = '') =>
    handlers[job.name as BillingJobName](job, token),
  );
  const worker = new Worker<unknown, unknown, BillingJobName>(
    BILLING_QUEUE,
    (job, token = '') => handle(job, token).catch((error) => tryAgain(error, { asleep, job, token })),
    { ...bullConnection(redis), prefix: queuePrefix, concurrency: CONCURRENCY, ...PATIENT_LOCKS },
  ).on('error', logErrors(redis, log, BILLING_QUEUE));
  const deliveryWorkers = routes.map((route) =>
    startDeliveryWorker({
      ...route,
      redis,
      clock,
      lane: live.lane,
      policy: config.billing.delivery,
      meter,
      log,
      signal,
    }),
  );
  const queues: QueueWorker[] = [{ worker, asleep }, ...deliveryWorkers];
  await dropScheduler();
  const wanting = await registration.want();
  if (!config.billing.isOn && destinations.length > 0)
    log.warn({ reason: 'neither WEBHOOK_SECRET nor BILLING_SYNTHESIZE is set' }, 'billing.not-configured');

  return {
    queues,
    chores: [...matching(parts), ...wanting],
    async close(): Promise<void> {
      await Promise.all(queues.map((one) => closeWorker(one.worker, signal)));
      await Promise.all([queue, ...routes.map((route) => route.queue)].map((one) => one.close()));
      await Promise.all(destinations.map((destination) => destination.close()));
    },
  };
}

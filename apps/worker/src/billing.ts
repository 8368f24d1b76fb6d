import {
  type Bill,
  type Dispatcher,
  match,
  register,
  type TakeReport,
  take,
  urlDigest,
} from '@handover/core/billing';
import type { Config } from '@handover/core/config';
import { openDestinations } from '@handover/core/destinations';
import type { BillingMeter } from '@handover/core/metrics';
import {
  BILLING_QUEUE,
  BillingEventJob,
  type BillingJobName,
  bullConnection,
  createAsleep,
  createBillingStore,
  createLane,
  createWebhookStore,
  laneKeys,
  openBillingQueue,
  openDeliveryQueue,
  queueDelivery,
  type RedisClient,
  type RedisClock,
  RegisterWebhookJob,
} from '@handover/core/redis';
import { traceIdOf } from '@handover/core/tracing';
import { actorLabel } from '@handover/core/transfer';
import { type Job, UnrecoverableError, Worker } from 'bullmq';
import type { Logger } from 'pino';
import { PATIENT_LOCKS, startDeliveryWorker } from './deliveries.ts';
import { logErrors, loggingThrown } from './job-log.ts';
import { sleepNoted, tryAgain } from './queue-action.ts';
import type { LaneParts } from './transfers.ts';
import type { Chore } from './upkeep.ts';
import type { Tended } from './wake.ts';

const CONCURRENCY = 20;
const WANT_WEBHOOK_EVERY_MS = 60_000;
const MATCH_LIMIT = 1_000;
const SHORTEST_MATCH_GAP_MS = 1_000;
const LONGEST_MATCH_GAP_MS = 30_000;
/** How long a registration waits for the worker that knows its callback URL, in ms. */
const OTHER_WORKER_MS = 5_000;

export type BillingOptions = {
  config: Pick<Config, 'billing' | 'webhook' | 'retentionMs' | 'queuePrefix'>;
  redis: RedisClient;
  clock: RedisClock;
  live: LaneParts;
  meter: BillingMeter;
  log: Logger;
  /** Aborted when a shutdown has no more time. */
  signal: AbortSignal;
};

/**
 * Starts the billing of this process: takes events, matches them with our record, registers the webhook, and brings
 * bills to every destination that is configured. `close` finishes what is in flight.
 */
export async function startBilling(options: BillingOptions) {
  const { config, redis, clock, live, meter, log, signal } = options;
  const { queuePrefix } = config;
  const queue = openBillingQueue(redis, queuePrefix).on('error', logErrors(redis, log, BILLING_QUEUE));
  const destinations = await openDestinations(config.billing, {
    now: clock.now,
    onError: ({ message }) => log.warn({ detail: message }, 'billing.database'),
  });
  const routes = destinations.map((destination) => {
    const own = openDeliveryQueue(redis, queuePrefix, destination.name);
    return { destination, queue: own.on('error', logErrors(redis, log, own.name)) };
  });
  const asleep = createAsleep(redis, clock, live.lane, BILLING_QUEUE);
  const trails = createBillingStore(redis, live.lane, { retentionMs: config.retentionMs });
  const webhookStore = createWebhookStore(redis, live.lane);
  const training = laneKeys(createLane('simulated', queuePrefix));
  const transfers = {
    recordOf: live.store.recordOf,
    recordsOfCall: live.store.recordsOfCall,
    isTraining: async (callId: string) => (await redis.exists(training.ofCall(callId))) === 1,
  };
  const dispatcher: Dispatcher = {
    async dispatch(bill: Bill) {
      const now = await clock.now();
      await Promise.all(routes.map((route) => queueDelivery(route.queue, bill, now)));
      await trails.dispatched(bill.id);
    },
  };

  async function takeEvent(job: Job<unknown>, token: string) {
    const parsed = BillingEventJob.safeParse(job.data);
    if (!parsed.success) {
      log.error({ job: job.name, id: job.id }, 'job.unreadable');
      throw new UnrecoverableError('the payload of this event cannot be read');
    }
    const { event } = parsed.data;
    const actor = { type: 'genesysEvent', name: event.id ?? 'without an id' } as const;
    const report = await take(
      event,
      { ...live, trails, transfers, dispatcher },
      { windowMs: config.billing.reorderWindowMs, actor },
    );
    tellOfEvent(report, actorLabel(actor));
    if (report.next.do === 'sleep') return sleepNoted(asleep, job, token, report.next.inMs);
    return { result: report.result, bills: report.bills.map(({ id }) => id) };
  }

  function tellOfEvent({ result, bills, settled, contradicted }: TakeReport, actor: string) {
    if (result !== 'waiting') meter.record(result, Math.max(1, bills.length));
    for (const { id, transferId, billingCode } of bills)
      log.info({ actor, bill: id, transfer: transferId, billingCode }, 'billing.billed');
    for (const transfer of contradicted) log.error({ actor, transfer }, 'billing.contradicts-the-record');
    if (settled === undefined) return;
    const { record, outcome } = settled;
    const traceId = traceIdOf(record.traceparent);
    log.info({ actor, transfer: record.id, traceId, outcome: outcome.status }, 'transfer.settled-by-event');
  }

  async function matchBoth() {
    const { matchWindowMs: windowMs, synthesize } = config.billing;
    const report = await match(
      { trails, transfers, dispatcher },
      { windowMs, synthesize, limit: MATCH_LIMIT },
    );
    meter.record('synthesized', report.synthesized.length);
    for (const { name, transferId: transfer, synthesized } of report.named) {
      meter.named(name);
      log.error({ name, transfer, synthesized }, 'billing.discrepancy');
    }
    await trails.forgetOld();
    await redis.set(laneKeys(live.lane).matchedAt, await clock.now());
  }

  /** Earlier versions scheduled the look for discrepancies; the upkeep does it now, and no scheduler can be lost. */
  async function dropScheduler() {
    await queue.removeJobScheduler('match');
  }

  async function registerWebhook(job: Job<unknown>, token: string) {
    const { digest } = RegisterWebhookJob.parse(job.data);
    const { callbackUrl } = config.webhook;
    // Another worker asked for this, with a callback URL that we do not know.
    if (callbackUrl === undefined || urlDigest(callbackUrl) !== digest)
      return sleepNoted(asleep, job, token, OTHER_WORKER_MS);
    const registrar = live.genesys.webhooks;
    const registered = await register(
      { callbackUrl, digest },
      { registrar, store: webhookStore },
      { random: Math.random(), signal },
    );
    if (registered.do === 'retry') {
      meter.registration('failed');
      log.error({ detail: registered.detail, inMs: registered.inMs }, 'webhook.registration-failed');
      return sleepNoted(asleep, job, token, registered.inMs);
    }
    if (registered.do === 'superseded') return { how: 'superseded' };
    meter.registration(registered.how);
    log.info({ how: registered.how, id: registered.id }, 'webhook.registered');
    return { how: registered.how };
  }

  const work: Record<BillingJobName, (job: Job<unknown>, token: string) => Promise<unknown>> = {
    event: takeEvent,
    match: dropScheduler,
    'register-webhook': registerWebhook,
  };
  const runLogged = loggingThrown(log, BILLING_QUEUE, (job, token = '') =>
    work[job.name as BillingJobName](job, token),
  );
  const worker = new Worker<unknown, unknown, BillingJobName>(
    BILLING_QUEUE,
    (job, token = '') => runLogged(job, token).catch((error) => tryAgain(error, { asleep, job, token })),
    {
      ...bullConnection(redis),
      prefix: queuePrefix,
      concurrency: CONCURRENCY,
      ...PATIENT_LOCKS,
    },
  ).on('error', logErrors(redis, log, BILLING_QUEUE));
  const queues: Tended[] = [
    { worker, asleep },
    ...routes.map((route) =>
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
    ),
  ];
  await dropScheduler();
  const registering = await wantWebhook();

  /** One look at what waits too long for its other side, however many workers. */
  function matching(): Chore[] {
    const { isOn, matchWindowMs } = config.billing;
    const gapMs = Math.max(Math.round(matchWindowMs / 10), SHORTEST_MATCH_GAP_MS);
    if (isOn) return [{ name: 'match', everyMs: Math.min(gapMs, LONGEST_MATCH_GAP_MS), run: matchBoth }];
    if (destinations.length > 0)
      log.warn('nothing will be billed: neither WEBHOOK_SECRET nor BILLING_SYNTHESIZE is set');
    return [];
  }

  function addRegistration(digest: string) {
    const jobId = `register-${digest}`;
    return queue.add('register-webhook', { v: 1, digest }, { jobId, removeOnComplete: true });
  }

  /** Asks for the registration of our callback URL. Gives the look whether its job is still there, which somebody takes every minute. */
  async function wantWebhook(): Promise<Chore[]> {
    const { callbackUrl } = config.webhook;
    if (callbackUrl === undefined) return [];
    const digest = urlDigest(callbackUrl);
    await webhookStore.want(digest);
    const job = await addRegistration(digest);
    // One that waits for its next try need not wait any longer: somebody may have mended what was wrong.
    if (await job.isDelayed()) await job.promote().catch(() => undefined);
    const run = async () => {
      const known = await webhookStore.read();
      // Redis lost the whole record: ask for our URL again.
      if (known.wanted === '') await webhookStore.want(digest);
      else if (known.wanted !== digest || known.digest === digest) return;
      // Adding one that is there changes nothing.
      await addRegistration(digest);
    };
    return [{ name: 'want-webhook', everyMs: WANT_WEBHOOK_EVERY_MS, run }];
  }

  return {
    queues,
    chores: [...matching(), ...registering],
    async close(): Promise<void> {
      await Promise.all(queues.map((one) => one.worker.close()));
      await Promise.all([queue, ...routes.map((route) => route.queue)].map((one) => one.close()));
      await Promise.all(destinations.map((destination) => destination.close()));
    },
  };
}

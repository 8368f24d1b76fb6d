import { register, urlDigest } from '@handover/core/billing';
import {
  type Asleep,
  type BillingQueue,
  createWebhookStore,
  type RedisClient,
  RegisterWebhookJob,
} from '@handover/core/redis';
import type { Job } from 'bullmq';
import type { Chore } from '../chores.ts';
import { sleepNoted } from '../queue-action.ts';
import type { BillingParts } from './parts.ts';

const LOOK_EVERY_MS = 60_000;
/** How long a registration waits for a worker with its callback URL, in ms. */
const OTHER_WORKER_MS = 5_000;

type Parts = BillingParts & { redis: RedisClient; queue: BillingQueue; asleep: Asleep; signal: AbortSignal };

/** Registers our callback URL with the platform: the job, and the chore that adds a missing job. */
export function createRegistration({ config, live, redis, queue, asleep, meter, log, signal }: Parts) {
  const { callbackUrl } = config.webhook;
  const store = createWebhookStore(redis, live.lane);

  async function handle(job: Job<unknown>, token: string) {
    const { digest } = RegisterWebhookJob.parse(job.data);
    // Another worker added this, for a callback URL that this one does not have.
    if (callbackUrl === undefined || urlDigest(callbackUrl) !== digest)
      return sleepNoted(asleep, job, token, OTHER_WORKER_MS);
    const registrar = live.genesys.webhooks;
    const registered = await register(
      { callbackUrl, digest },
      { registrar, store },
      { random: Math.random(), signal },
    );
    if (registered.do === 'retry') {
      meter.registration('failed');
      log.error({ reason: registered.detail, inMs: registered.inMs }, 'webhook.registration-failed');
      return sleepNoted(asleep, job, token, registered.inMs);
    }
    if (registered.do === 'superseded') return { how: 'superseded' };
    meter.registration(registered.how);
    log.info({ how: registered.how, id: registered.id }, 'webhook.registered');
    return { how: registered.how };
  }

  function addJob(digest: string) {
    const jobId = `register-${digest}`;
    return queue.add('register-webhook', { v: 1, digest }, { jobId, removeOnComplete: true });
  }

  async function wantAgain(digest: string): Promise<void> {
    const known = await store.read();
    // Redis lost the whole record: request our URL again.
    if (known.wanted === '') await store.want(digest);
    else if (known.wanted !== digest || known.digest === digest) return;
    // Adding an existing job changes nothing.
    await addJob(digest);
  }

  /** Requests the registration of our callback URL; returns the chore that checks every minute that its job exists. */
  async function want(): Promise<Chore[]> {
    if (callbackUrl === undefined) return [];
    const digest = urlDigest(callbackUrl);
    await store.want(digest);
    const job = await addJob(digest);
    // Try at once: a restart often follows a fix.
    if (await job.isDelayed()) await job.promote().catch(() => undefined);
    return [{ name: 'want-webhook', everyMs: LOOK_EVERY_MS, work: () => wantAgain(digest) }];
  }

  return { handle, want };
}

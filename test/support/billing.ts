import { randomBytes } from 'node:crypto';
import { destinationNames } from '@handover/core/destinations';
import {
  createBillingListStore,
  openBillingQueue,
  openDeliveryQueue,
  type PageQuery,
} from '@handover/core/redis';
import type { World } from './world.ts';

export const WEBHOOK_SECRET = randomBytes(24).toString('hex');
export const BILLING_SECRET = `whsec_${randomBytes(24).toString('base64')}`;

/** The environment of a world that is billed: events come to this API, bills go to the sandbox's receiver. */
export function billingEnv(sandboxUrl: string, apiPort?: number): Record<string, string> {
  return {
    WEBHOOK_SECRET,
    BILLING_URL: `${sandboxUrl}/billing/records`,
    BILLING_SECRET,
    BILLING_REORDER_WINDOW_MS: '200',
    BILLING_MATCH_WINDOW_MS: '2000',
    BILLING_RETRY_DELAY_MS: '200',
    ...(apiPort !== undefined && {
      WEBHOOK_CALLBACK_URL: `http://127.0.0.1:${apiPort}/webhooks/billing-sync`,
    }),
  };
}

const EVERYTHING: PageQuery = { from: 0, to: Number.MAX_SAFE_INTEGER, after: undefined, limit: 100_000 };

/** Access to a world's billing. The caller closes it. */
export function watchBilling({ redis, config, store }: World) {
  const books = createBillingListStore(redis, store.lane);
  const queue = openBillingQueue(redis, config.queuePrefix);
  const deliveries = destinationNames.map((name) => openDeliveryQueue(redis, config.queuePrefix, name));

  /** Pending jobs; the check for discrepancies always waits for its next turn. */
  async function pending(): Promise<number> {
    const [own, schedulers, ...others] = await Promise.all([
      queue.getJobCounts('waiting', 'active', 'delayed', 'prioritized'),
      queue.getJobSchedulersCount(),
      ...deliveries.map((one) => one.getJobCounts('waiting', 'active', 'delayed', 'prioritized')),
    ]);
    const sum = (counts: Record<string, number>) => Object.values(counts).reduce((a, b) => a + b, 0);
    return Math.max(0, sum(own) - schedulers) + others.map(sum).reduce((a, b) => a + b, 0);
  }

  return {
    queue,
    deliveries,
    pending,
    bills: async () => (await books.bills(EVERYTHING)).items,
    discrepancies: async () => (await books.discrepancies(EVERYTHING)).items,
    open: async () =>
      (await books.discrepancies(EVERYTHING)).items.filter(({ healedAt }) => healedAt === null),
    report: books.report,
    close: () => Promise.all([queue, ...deliveries].map((one) => one.close())),
  };
}

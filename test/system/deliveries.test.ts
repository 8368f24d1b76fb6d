import type { Bill } from '@handover/core/billing';
import { createHoldOff, queueDelivery, redisNow } from '@handover/core/redis';
import { expect, test } from 'vitest';
import { BILLING_SECRET, billingEnv, watchBilling } from '../support/billing.ts';
import { openWorld } from '../support/world.ts';

const bill: Bill = {
  ...{ id: 'b-1', eventId: 'e-1', callId: 'call-1', transferType: 'blind', target: { id: 'support' } },
  ...{ timestamp: '2026-11-22T10:00:00.000Z', billingCode: 'TRANSFER_BLIND' },
};

async function openBilled(onTestFinished: (close: () => Promise<void>) => void) {
  const world = await openWorld({ env: billingEnv });
  const billing = watchBilling(world);
  onTestFinished(async () => {
    await billing.close();
    await world.close();
  });
  world.sandbox.changeSettings({ billingSecret: BILLING_SECRET });
  const [http] = billing.deliveries;
  if (http === undefined) throw new Error('no queue of deliveries');
  return { ...world, http, holdOffKey: world.store.keys.deliveryHoldOff('http') };
}

test('new deliveries also respect a destination’s hold-off', async ({ onTestFinished }) => {
  const { sandbox, redis, http, holdOffKey } = await openBilled(onTestFinished);
  const holdOff = createHoldOff(redis, holdOffKey);
  await holdOff.raise(60_000);
  await queueDelivery(http, bill, await redisNow(redis));
  await expect.poll(() => http.getDelayedCount()).toBe(1);
  expect(sandbox.billing.requests()).toEqual([]);

  await holdOff.lift();
  await (await http.getJob(bill.id))?.promote();
  await expect.poll(() => sandbox.billing.entries()).toHaveLength(1);
});

test('a failing destination delays all its deliveries, a recovered one none', async ({ onTestFinished }) => {
  const { sandbox, redis, http, holdOffKey } = await openBilled(onTestFinished);
  sandbox.changeSettings({ billingStatus: 503 });
  await queueDelivery(http, bill, await redisNow(redis));
  await expect.poll(() => sandbox.billing.requests().length).toBeGreaterThan(0);
  await expect.poll(() => redis.hget(holdOffKey, 'until')).not.toBeNull();
  sandbox.changeSettings({ billingStatus: null });
  await expect.poll(() => sandbox.billing.entries()).toHaveLength(1);
  await expect.poll(() => redis.exists(holdOffKey)).toBe(0);
});

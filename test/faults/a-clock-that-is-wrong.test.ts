import { laneKeys, queueEvent, redisNow } from '@handover/core/redis';
import { type TestContext, test } from 'vitest';
import { billingEnv, watchBilling } from '../support/billing.ts';
import { openFaultWorld } from '../support/processes.ts';
import { wrongClock } from '../support/wrong-clock.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const EVENTS = 5;
const WITHIN_MS = 45_000;

/** A billed world without a worker; deliveries and transfers that fail once are retried after the delay. */
async function openBilled({ onTestFinished }: TestContext, more: Record<string, string> = {}) {
  const faults = await openFaultWorld((sandboxUrl) => ({
    ...billingEnv(sandboxUrl),
    BILLING_REORDER_WINDOW_MS: '8000',
    BILLING_MATCH_WINDOW_MS: '60000',
    BILLING_RETRY_DELAY_MS: '3000',
    SERVER_ERROR_RETRY_DELAY_MS: '3000',
    ...more,
  }));
  const billing = watchBilling(faults.world);
  onTestFinished(async () => {
    await billing.close();
    await faults.close();
  });
  const { world } = faults;
  const keys = laneKeys(world.store.lane);
  const target = { type: 'queue', id: 'support' } as const;
  return {
    ...faults,
    billing,
    keys,
    /** An event of someone else's transfer. */
    sendEvent: async (id: string) =>
      queueEvent(billing.queue, {
        ...{ id, callId: `call-of-${id}`, transferType: 'blind', target },
        at: await redisNow(world.redis),
      }),
    /** Waits until this many jobs of the queue are delayed. */
    untilAsleep: (queue: string, count: number) =>
      world.eventually(async () => {
        const sleeping = [keys.asleep(queue), `${world.config.queuePrefix}:${queue}:delayed`];
        const counts = await Promise.all(sleeping.map((key) => world.redis.zcard(key)));
        return Math.min(...counts) >= count ? true : undefined;
      }, WITHIN_MS),
    /** Waits until everything is billed and delivered; returns the bills. */
    untilBilled: (count: number) =>
      world.eventually(async () => {
        const [bills, pending] = await Promise.all([billing.bills(), billing.pending()]);
        return bills.length >= count && pending === 0 ? bills : undefined;
      }, WITHIN_MS),
  };
}

for (const [words, offset] of [
  ['ten minutes ahead', 10 * MINUTE],
  ['a day ahead', DAY],
  ['an hour behind', -HOUR],
] as const)
  test.concurrent(`jobs delayed by a dead worker whose clock was ${words} are woken`, {
    timeout: 120_000,
  }, async (context) => {
    const { expect } = context;
    const { world, processes, billing, sendEvent, untilAsleep, untilBilled } = await openBilled(context);
    const { sandbox } = world;
    const wrong = await processes.startReady('worker', undefined, wrongClock(offset));
    sandbox.addScript({ operation: 'billing', steps: [{ status: 503 }] });
    sandbox.addScript({ operation: 'call', steps: [{ status: 503 }] });
    const id = await world.submit();
    await world.until(id, ({ timeline }) => timeline.some(({ step }) => step === 'waiting'));
    await sendEvent('first');
    await untilAsleep('billing-http', 1);
    await Promise.all(Array.from({ length: EVENTS }, (_, index) => sendEvent(`later-${index}`)));
    await untilAsleep('billing', EVENTS);
    wrong.kill('SIGKILL');
    await wrong.exited;
    await world.startOne();

    const { record } = await world.outcome(id, WITHIN_MS);
    expect(record.outcome).toMatchObject({ status: 'transferred' });
    expect(await untilBilled(1 + EVENTS)).toHaveLength(1 + EVENTS);
    expect((await billing.deliveries[0]?.getFailedCount()) ?? 0).toBe(0);
  });

test.concurrent('with a worker whose clock is a day ahead no bill is given up or tried too early', {
  timeout: 120_000,
}, async (context) => {
  const { expect } = context;
  // A bill is retried for a day.
  const { world, processes, billing, sendEvent, untilBilled } = await openBilled(context, {
    BILLING_GIVE_UP_AFTER_MS: String(DAY / 2),
    BILLING_RETRY_DELAY_MS: '1500',
  });
  await Promise.all([world.startOne(), processes.startReady('worker', undefined, wrongClock(DAY))]);
  world.sandbox.addScript({ operation: 'billing', steps: [{ status: 503, times: 4 }] });
  for (let index = 0; index < EVENTS; index += 1) await sendEvent(`e${index}`);
  await untilBilled(EVENTS);
  for (const queue of [billing.queue, ...billing.deliveries]) expect(await queue.getFailedCount()).toBe(0);
  const tries = new Map<string, number[]>();
  for (const { key, at } of world.sandbox.billing.requests())
    tries.set(key ?? '', [...(tries.get(key ?? '') ?? []), at]);
  expect([...tries.values()].flat()).toHaveLength(EVENTS + 4);
  for (const times of tries.values())
    for (const [index, at] of times.entries())
      if (index > 0) expect(at - (times[index - 1] ?? 0)).toBeGreaterThanOrEqual(1_450);
});

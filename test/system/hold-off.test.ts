import { afterEach, expect, test } from 'vitest';
import { createSubject, requestFor } from '../support/subject.ts';
import { openWorld, UNHURRIED, type World } from '../support/world.ts';

let world: World;
afterEach(() => world.close());

const tooMany = (seconds: number) => ({ status: 429, headers: { 'retry-after': String(seconds) } });

test.each(['user', 'call', 'queue', 'transfer'] as const)(
  'a 429 to the %s request makes all workers hold off, consumes no attempt, and never uses the fallback',
  async (operation) => {
    // Never reached; with a budget, Redis records when each request is admitted.
    world = await openWorld({ env: UNHURRIED, workers: 2, budget: { requests: 100_000, windowMs: 61_000 } });
    const first = createSubject(world.sandbox);
    const ids = { user: first.userId, call: first.callId, queue: first.target, transfer: first.callId };
    world.sandbox.addScript({ operation, id: ids[operation], steps: [tooMany(1)] });
    const held = await world.submit(requestFor(first, { fallback: true }));
    await world.until(held, ({ timeline }) => timeline.some(({ step }) => step === 'waiting'));
    const heldUntil = Number(await world.redis.hget(world.store.keys.holdOff, 'until'));
    const second = await world.submit(requestFor(createSubject(world.sandbox)));

    const { record } = await world.outcome(held);
    expect(record.outcome).toMatchObject({ status: 'transferred', isFallback: false });
    expect(record.attempts).toBe(1);
    expect(record.serverErrors).toBe(0);
    const other = await world.outcome(second);
    expect(other.record.attempts).toBe(1);
    // By Redis' clock, in the same atomic steps.
    const letGo = await world.redis.zrange(world.store.keys.sent, '0', '-1', 'WITHSCORES');
    const times = letGo.filter((_, index) => index % 2 === 1).map(Number);
    expect(times.filter((time) => time > heldUntil - 1_000 && time < heldUntil)).toEqual([]);
    expect(times.filter((time) => time >= heldUntil).length).toBeGreaterThan(0);
    expect(world.effects(first.callId)).toHaveLength(1);
  },
);

test('expiry continues during a hold-off, and is counted', async () => {
  world = await openWorld({ env: UNHURRIED, workers: 0 });
  const worker = await world.startOne();
  const first = createSubject(world.sandbox);
  world.sandbox.addScript({ operation: 'call', id: first.callId, steps: [tooMany(30)] });
  const held = await world.submit(requestFor(first));
  await world.until(held, ({ timeline }) => timeline.some(({ step }) => step === 'waiting'));
  const heldUntil = Number(await world.redis.hget(world.store.keys.holdOff, 'until'));
  const short = await world.submit(requestFor(createSubject(world.sandbox), { expiresAt: Date.now() + 300 }));
  const { record } = await world.outcome(short);
  expect(record.outcome).toEqual({ status: 'expired' });
  expect(record.settledAt).toBeLessThan(heldUntil);
  await expect
    .poll(
      async () =>
        /^handover_transfers_total\{outcome="expired".*\} ([1-9]\d*)$/m.exec(await worker.metrics())?.[1],
    )
    .toBe('1');
});

import { afterEach, expect, test } from 'vitest';
import { createSubject, requestFor } from '../support/subject.ts';
import { openWorld, type World } from '../support/world.ts';

let world: World;
afterEach(() => world.close());

const tooMany = (seconds: number) => ({ status: 429, headers: { 'retry-after': String(seconds) } });

test.each(['user', 'call', 'queue', 'transfer'] as const)(
  'a 429 to the %s request holds everybody off, burns no attempt, and never means the fallback',
  async (operation) => {
    world = await openWorld({ workers: 2 });
    const first = createSubject(world.sandbox);
    const ids = { user: first.userId, call: first.callId, queue: first.target, transfer: first.callId };
    world.sandbox.addScript({ operation, id: ids[operation], steps: [tooMany(1)] });
    const held = await world.submit(requestFor(first, { fallback: true }));
    await world.until(held, ({ timeline }) => timeline.some(({ step }) => step === 'waiting'));
    const toldAt =
      world.sandbox.requests.entries().findLast(({ status }) => status === 429)?.at ?? Number.NaN;
    const second = await world.submit(requestFor(createSubject(world.sandbox)));

    const { record } = await world.outcome(held);
    expect(record.outcome).toMatchObject({ status: 'transferred', isFallback: false });
    expect(record.attempts).toBe(1);
    expect(record.serverErrors).toBe(0);
    const other = await world.outcome(second);
    expect(other.record.attempts).toBe(1);
    const later = world.sandbox.requests
      .entries()
      .filter(({ at, status }) => at > toldAt + 50 && status !== 429);
    expect(Math.min(...later.map(({ at }) => at))).toBeGreaterThanOrEqual(toldAt + 990);
    expect(world.effects(first.callId)).toHaveLength(1);
  },
);

test('expiry goes on while everybody holds off', async () => {
  world = await openWorld();
  const first = createSubject(world.sandbox);
  world.sandbox.addScript({ operation: 'call', id: first.callId, steps: [tooMany(6)] });
  const held = await world.submit(requestFor(first));
  await world.until(held, ({ timeline }) => timeline.some(({ step }) => step === 'waiting'));
  const heldUntil = Number(await world.redis.hget(world.store.keys.holdOff, 'until'));
  const short = await world.submit(requestFor(createSubject(world.sandbox), { expiresAt: Date.now() + 300 }));
  const { record } = await world.outcome(short, 5_000);
  expect(record.outcome).toEqual({ status: 'expired' });
  expect(record.settledAt).toBeLessThan(heldUntil);
});

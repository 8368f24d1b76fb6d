import { cancel, replay, resolve, type TransferRequest } from '@handover/core/transfer';
import { describe, type TestContext, test } from 'vitest';
import { createSubject, requestFor } from '../support/subject.ts';
import { openWorld, UPSTREAM, type World, type WorldOptions } from '../support/world.ts';

// test/faults/a-redis-that-goes-back-in-time injects the faults; this file tests the consequences.

const SINCE = 1;

/** A world whose Redis may have lost data; the call is already at the target. */
async function open(context: TestContext, field: 'until' | 'unsureUntil', env = {}) {
  const { world, subject } = await openAtTarget(context, { env });
  await forget(world, field, SINCE);
  return { world, subject };
}

async function openAtTarget({ onTestFinished }: TestContext, options: WorldOptions = {}) {
  const world = await openWorld(options);
  onTestFinished(() => world.close());
  const subject = createSubject(world.sandbox);
  const { callId, target } = subject;
  world.sandbox.actOnCall(callId, { action: 'move', target: { type: 'queue', id: target } });
  return { world, subject };
}

async function forget({ redis, store }: World, field: 'until' | 'unsureUntil', since: number) {
  const [seconds] = await redis.time();
  const until = (Number(seconds) + (field === 'until' ? 600 : 4)) * 1_000;
  await redis.hset(store.keys.recovery, { since, [field]: until });
}

describe.concurrent('a call that is already at its target', () => {
  test('is not moved: it needs an operator, with the reading in its timeline', async (context) => {
    const { expect } = context;
    const { world, subject } = await open(context, 'until');
    const id = await world.submit(requestFor(subject));
    const { record, timeline } = await world.until(id, ({ record }) => record.parked);
    const from = SINCE - world.config.policy.recoveryMs;
    expect(record).toMatchObject({ status: 'unconfirmed', intents: [], held: { from } });
    expect(timeline.map(({ step }) => step)).toEqual(['accepted', 'started', 'read', 'decided', 'parked']);
    expect(timeline.find(({ step }) => step === 'read')?.evidence).toMatchObject({
      call: expect.stringContaining(`at queue ${subject.target}`),
    });
    expect((await world.store.deadLetters()).map((dead) => dead.record.id)).toEqual([id]);
    expect(world.effects(subject.callId)).toEqual([]);
  });

  test('is moved by an operator’s replay', async (context) => {
    const { expect } = context;
    const { world, subject } = await open(context, 'until');
    const id = await world.submit(requestFor(subject));
    await world.until(id, ({ record }) => record.parked);
    await replay(world.ports, id, { type: 'operator', name: 'ann' }, 'it was not moved');
    expect((await world.outcome(id)).record.outcome).toMatchObject({ status: 'transferred' });
    expect(world.effects(subject.callId)).toHaveLength(1);
  });

  test('is settled by an operator who saw that it was moved to its target', async (context) => {
    const { expect } = context;
    const { world, subject } = await open(context, 'until');
    const id = await world.submit(requestFor(subject));
    await world.until(id, ({ record }) => record.parked);
    const word = { happened: true, reason: 'the agent says so' };
    expect(await resolve(world.ports, id, { type: 'operator', name: 'ann' }, word)).toMatchObject({
      resolved: true,
      outcome: { status: 'transferred', confirmedBy: 'operator', target: { id: subject.target } },
    });
  });

  test('waits while that is unknown, and is moved if nothing was lost', async (context) => {
    const { expect } = context;
    const { world, subject } = await open(context, 'unsureUntil');
    const id = await world.submit(requestFor(subject));
    const { record, timeline } = await world.outcome(id);
    expect(record.outcome).toMatchObject({ status: 'transferred', confirmedBy: 'answer' });
    expect(timeline.map(({ rule }) => rule)).toContain(
      'the call is already at the target or the fallback, and Redis may have lost data',
    );
    expect(world.effects(subject.callId)).toHaveLength(1);
  });

  test('is moved if so configured', async (context) => {
    const { expect } = context;
    const { world, subject } = await open(context, 'until', { REDIS_RECOVERY_POLICY: 'send' });
    const id = await world.submit(requestFor(subject));
    expect((await world.outcome(id)).record.outcome).toMatchObject({ status: 'transferred' });
  });
});

test('a call elsewhere is moved as usual', async (context) => {
  const { expect } = context;
  const { world, subject } = await open(context, 'until');
  const id = await world.submit(requestFor(subject, { target: { type: 'queue', id: subject.elsewhere } }));
  expect((await world.outcome(id)).record.outcome).toMatchObject({ status: 'transferred' });
});

test('a call at the fallback is held too, even if the target is open', async (context) => {
  const { expect } = context;
  const { world, subject } = await open(context, 'until');
  const fallback = { type: 'queue', id: subject.target } as const;
  const target = { type: 'queue', id: subject.elsewhere } as const;
  const id = await world.submit({ ...requestFor(subject), target, fallback });
  const { record } = await world.until(id, ({ record }) => record.parked);
  expect(record).toMatchObject({ status: 'unconfirmed', held: { from: expect.any(Number) } });
  expect(world.effects(subject.callId)).toEqual([]);
});

/** Accepted before the data loss, it may have been sent; a worker picks it up afterwards. */
describe.concurrent('accepted before', () => {
  async function acceptBefore(context: TestContext, more: Partial<TransferRequest> = {}) {
    const { world, subject } = await openAtTarget(context, { workers: 0 });
    const id = await world.submit({ ...requestFor(subject), ...more });
    const { record } = await world.until(id, () => true);
    await forget(world, 'until', record.acceptedAt + 1);
    return { world, subject, id };
  }

  test('and the call has ended: held, though it cannot be moved', async (context) => {
    const { expect } = context;
    const { world, subject, id } = await acceptBefore(context);
    world.sandbox.actOnCall(subject.callId, { action: 'hang-up' });
    await world.startOne();
    const { record, timeline } = await world.until(id, ({ record }) => record.parked);
    expect(record).toMatchObject({ status: 'unconfirmed', outcome: null });
    expect(timeline.at(-1)?.rule).toBe('the call has ended, and Redis may have lost the record of a move');
  });

  test('and the platform no longer knows the call: held', async (context) => {
    const { expect } = context;
    const { world, subject, id } = await acceptBefore(context);
    world.sandbox.addScript({ operation: 'call', id: subject.callId, steps: [{ status: 404, times: 9 }] });
    await world.startOne();
    const { record } = await world.until(id, ({ record }) => record.parked);
    expect(record).toMatchObject({ status: 'unconfirmed', outcome: null });
  });

  /** Its deadline passed while Redis was down. */
  async function pass({ redis, store }: World, id: string) {
    await redis.hset(store.keys.record(id), 'expiresAt', 1);
    await redis.zadd(store.keys.deadlines, 1, id);
  }

  test('and its deadline has passed: read before it expires, and held if it may have been moved', async (context) => {
    const { expect } = context;
    const { world, id } = await acceptBefore(context);
    await pass(world, id);
    await world.startOne();
    const { record } = await world.until(id, ({ record }) => record.parked);
    expect(record).toMatchObject({ status: 'unconfirmed', outcome: null });
  });

  test('its deadline has passed, and the call is elsewhere: expired', async (context) => {
    const { expect } = context;
    const { world, subject, id } = await acceptBefore(context);
    const elsewhere = { type: 'queue', id: subject.elsewhere } as const;
    world.sandbox.actOnCall(subject.callId, { action: 'move', target: elsewhere });
    await pass(world, id);
    await world.startOne();
    expect((await world.outcome(id)).record.outcome).toMatchObject({ status: 'expired' });
  });

  test('and the call cannot be read until retries are used up: held', async (context) => {
    const { expect } = context;
    const { world, subject, id } = await acceptBefore(context);
    world.sandbox.addScript({ operation: 'call', id: subject.callId, steps: [{ status: 503, times: 99 }] });
    await world.startOne();
    const { record } = await world.until(id, ({ record }) => record.parked);
    expect(record).toMatchObject({ status: 'unconfirmed', outcome: null });
  });

  test('it cannot be cancelled: it may have been sent', async (context) => {
    const { expect } = context;
    const { world, id } = await acceptBefore(context);
    expect(await cancel(world.ports, id, UPSTREAM)).toEqual({ cancelled: false, why: 'too-late' });
  });
});

describe.concurrent('accepted after', () => {
  test('and the call has ended: rejected as usual', async (context) => {
    const { expect } = context;
    const { world, subject } = await open(context, 'until');
    world.sandbox.actOnCall(subject.callId, { action: 'hang-up' });
    const id = await world.submit(requestFor(subject));
    expect((await world.outcome(id)).record.outcome).toMatchObject({ reason: 'call-ended' });
  });

  test('it can be cancelled', async (context) => {
    const { expect } = context;
    const { world, subject } = await openAtTarget(context, { workers: 0 });
    await forget(world, 'until', SINCE);
    const id = await world.submit(requestFor(subject));
    expect(await cancel(world.ports, id, UPSTREAM)).toMatchObject({ cancelled: true });
  });
});

import { describe, type TestContext, test } from 'vitest';
import { createSubject, requestFor } from '../support/subject.ts';
import { openWorld } from '../support/world.ts';

// The faults are in test/faults/a-redis-that-goes-back-in-time; here is what follows from one.

const SINCE = 1;

/** A world whose Redis has forgotten something, or may have; the call stands at the target already. */
async function open({ onTestFinished }: TestContext, field: 'until' | 'unsureUntil', env = {}) {
  const world = await openWorld({ env });
  onTestFinished(() => world.close());
  const subject = createSubject(world.sandbox);
  const { callId, target } = subject;
  world.sandbox.actOnCall(callId, { action: 'move', target: { type: 'queue', id: target } });
  const [seconds] = await world.redis.time();
  const until = (Number(seconds) + (field === 'until' ? 600 : 4)) * 1_000;
  await world.redis.hset(world.store.keys.recovery, { since: SINCE, [field]: until });
  return { world, subject };
}

describe.concurrent('a call that stands at its target already', () => {
  test('is not moved: it waits for a person, with the reading in its timeline', async (context) => {
    const { expect } = context;
    const { world, subject } = await open(context, 'until');
    const id = await world.submit(requestFor(subject));
    const { record, timeline } = await world.until(id, ({ record }) => record.parked);
    const from = SINCE - world.config.policy.recoveryMs;
    const target = { type: 'queue', id: subject.target };
    expect(record).toMatchObject({ status: 'unconfirmed', intents: [], held: { from, target } });
    expect(timeline.map(({ step }) => step)).toEqual(['accepted', 'started', 'read', 'decided', 'parked']);
    expect(timeline.find(({ step }) => step === 'read')?.evidence).toMatchObject({
      call: expect.stringContaining(`at queue ${subject.target}`),
    });
    expect((await world.store.deadLetters()).map((dead) => dead.record.id)).toEqual([id]);
    expect(world.effects(subject.callId)).toEqual([]);
  });

  test('is moved by a person who asks for it once more', async (context) => {
    const { expect } = context;
    const { world, subject } = await open(context, 'until');
    const id = await world.submit(requestFor(subject));
    await world.until(id, ({ record }) => record.parked);
    await world.store.replay(id, { type: 'operator', name: 'ann' }, 'it was not moved');
    await world.renew(id);
    expect((await world.outcome(id)).record.outcome).toMatchObject({ status: 'transferred' });
    expect(world.effects(subject.callId)).toHaveLength(1);
  });

  test('waits while nobody knows yet, and is moved where nothing was forgotten', async (context) => {
    const { expect } = context;
    const { world, subject } = await open(context, 'unsureUntil');
    const id = await world.submit(requestFor(subject));
    const { record, timeline } = await world.outcome(id);
    expect(record.outcome).toMatchObject({ status: 'transferred', confirmedBy: 'answer' });
    expect(timeline.map(({ rule }) => rule)).toContain(
      'the call stands at the target, and Redis may have forgotten why',
    );
    expect(world.effects(subject.callId)).toHaveLength(1);
  });

  test('is moved as ever where that was asked for', async (context) => {
    const { expect } = context;
    const { world, subject } = await open(context, 'until', { REDIS_RECOVERY_POLICY: 'send' });
    const id = await world.submit(requestFor(subject));
    expect((await world.outcome(id)).record.outcome).toMatchObject({ status: 'transferred' });
  });
});

test('a call that stands elsewhere is moved as ever', async (context) => {
  const { expect } = context;
  const { world, subject } = await open(context, 'until');
  const id = await world.submit(requestFor(subject, { target: { type: 'queue', id: subject.elsewhere } }));
  expect((await world.outcome(id)).record.outcome).toMatchObject({ status: 'transferred' });
});

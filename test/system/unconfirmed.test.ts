import { createCounters } from '@handover/core/redis';
import { replay, resolve } from '@handover/core/transfer';
import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest';
import { createSubject, requestFor } from '../support/subject.ts';
import { openWorld, UPSTREAM, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ env: { UNCONFIRMED_MAX_MS: '7000' } });
});
afterAll(() => world.close());

const OPERATOR = { type: 'operator', name: 'ann' } as const;

test.concurrent('a lost answer and an ended call: unconfirmed, listed with the dead letters, its call released', async () => {
  const subject = createSubject(world.sandbox);
  world.sandbox.addScript({ operation: 'transfer', id: subject.callId, steps: [{ drop: 'before' }] });
  world.sandbox.once('answered', () => undefined);
  const id = await world.submit(requestFor(subject));
  await world.until(id, ({ timeline }) => timeline.some(({ step }) => step === 'waiting'));
  world.sandbox.actOnCall(subject.callId, { action: 'hang-up' });
  const { record } = await world.until(id, (transfer) => transfer.record.parked);
  expect(record.status).toBe('unconfirmed');
  expect(record.outcome).toBeNull();
  expect((await world.store.deadLetters()).map((letter) => letter.record.id)).toContain(id);
  const next = await world.submit(requestFor(subject));
  expect((await world.outcome(next)).record.outcome).toMatchObject({
    status: 'rejected',
    reason: 'call-ended',
  });

  const resolved = await resolve(world.ports, id, OPERATOR, {
    happened: false,
    reason: 'asked the agent',
  });
  expect(resolved).toMatchObject({
    resolved: true,
    outcome: { status: 'failed', reason: 'settled-by-operator' },
  });
  expect((await world.store.deadLetters()).map((letter) => letter.record.id)).not.toContain(id);
});

test.concurrent('unconfirmed transfers are read at growing intervals', async ({ onTestFinished }) => {
  const longer = await openWorld({ env: { UNCONFIRMED_MAX_MS: '14000' } });
  onTestFinished(() => longer.close());
  const subject = createSubject(longer.sandbox);
  longer.sandbox.addScript({ operation: 'transfer', id: subject.callId, steps: [{ drop: 'before' }] });
  const id = await longer.submit(requestFor(subject));
  await longer.until(id, ({ timeline }) => timeline.some(({ step }) => step === 'waiting'));
  longer.sandbox.addScript({ operation: 'call', id: subject.callId, steps: [{ status: 503, times: 99 }] });
  const { timeline, record } = await longer.until(id, (transfer) => transfer.record.parked);
  const gaps = timeline
    .filter(({ step, rule }) => step === 'waiting' && rule === 'the call cannot be read: inconclusive')
    .map(({ at, decided }) => Date.parse(decided?.split('until ')[1] ?? '') - at);
  expect(gaps.length).toBeGreaterThanOrEqual(2);
  expect(record.unconfirmedReads).toBe(gaps.length);
  expect(gaps[0]).toBeGreaterThanOrEqual(longer.config.policy.settleWindowMs - 2);
  expect(record.status).toBe('unconfirmed');
});

test.concurrent('in doubt, a call that someone moved on proves nothing', async () => {
  const subject = createSubject(world.sandbox);
  world.sandbox.addScript({
    operation: 'transfer',
    id: subject.callId,
    steps: [{ status: 503, effect: true }],
  });
  const id = await world.submit(requestFor(subject));
  await world.until(id, ({ timeline }) => timeline.some(({ step }) => step === 'waiting'));
  world.sandbox.actOnCall(subject.callId, {
    action: 'move',
    target: { type: 'queue', id: subject.elsewhere },
  });
  const { record } = await world.until(id, (transfer) => transfer.record.parked);
  expect(record.status).toBe('unconfirmed');
  expect(world.effects(subject.callId)).toHaveLength(1);
  const resolved = await resolve(world.ports, id, OPERATOR, {
    happened: true,
    reason: 'the queue saw it',
  });
  expect(resolved).toMatchObject({
    resolved: true,
    outcome: {
      status: 'transferred',
      confirmedBy: 'operator',
      target: { type: 'queue', id: subject.target },
    },
  });
});

/** Sends a transfer with an unknown result and lets its deadline pass before the next reading. */
async function pastItsDeadlineInDoubt({ onTestFinished }: TestContext, step: { status: 503; effect?: true }) {
  const unhurried = await openWorld({ env: { SERVER_ERROR_RETRY_DELAY_MS: '3000' } });
  onTestFinished(() => unhurried.close());
  const subject = createSubject(unhurried.sandbox);
  unhurried.sandbox.addScript({ operation: 'transfer', id: subject.callId, steps: [step] });
  const id = await unhurried.submit(requestFor(subject));
  await unhurried.until(id, ({ timeline }) => timeline.some((entry) => entry.step === 'waiting'));
  await unhurried.redis.hset(unhurried.store.keys.record(id), 'expiresAt', String(Date.now()));
  const { record, timeline } = await unhurried.outcome(id);
  const asked = ({ userId, target }: typeof subject) =>
    [userId, target].map(
      (one) => unhurried.sandbox.requests.entries().filter((request) => request.id === one).length,
    );
  const effects = unhurried.effects(subject.callId);
  return {
    record,
    timeline,
    effects,
    policy: unhurried.config.policy,
    askedForAgentAndTarget: asked(subject),
  };
}

test.concurrent('a deadline prevents sending, not reading: in doubt past the deadline it expires only once proven', async (context) => {
  const found = await pastItsDeadlineInDoubt(context, { status: 503 });
  const { record, timeline, effects, policy } = found;
  expect(record.outcome?.status).toBe('expired');
  expect(effects).toHaveLength(0);
  // Nothing may be sent, so only the call is read again.
  expect(found.askedForAgentAndTarget).toEqual([1, 1]);
  const intent = record.intents[0];
  expect((timeline.at(-1)?.at ?? 0) - (intent?.at ?? 0)).toBeGreaterThanOrEqual(policy.settleWindowMs);
});

test.concurrent('a deadline that passes while the effect is in doubt does not hide that it happened', async (context) => {
  const { record } = await pastItsDeadlineInDoubt(context, { status: 503, effect: true });
  expect(record.outcome).toMatchObject({ status: 'transferred', confirmedBy: 'reading' });
});

test('lagging reads do not cause a second effect', async () => {
  const subject = createSubject(world.sandbox);
  world.sandbox.changeSettings({ readLagMs: 200 });
  world.sandbox.addScript({ operation: 'transfer', id: subject.callId, steps: [{ drop: 'after' }] });
  const id = await world.submit(requestFor(subject));
  const { record } = await world.outcome(id);
  world.sandbox.changeSettings({ readLagMs: 0 });
  expect(record.outcome).toMatchObject({ status: 'transferred', confirmedBy: 'reading' });
  expect(world.effects(subject.callId)).toHaveLength(1);
});

test.concurrent('a call that was at the target before is no proof', async () => {
  const subject = createSubject(world.sandbox);
  world.sandbox.putCall(subject.callId, {
    transferType: 'blind',
    target: { type: 'queue', id: subject.target },
  });
  world.sandbox.addScript({ operation: 'transfer', id: subject.callId, steps: [{ drop: 'before' }] });
  const id = await world.submit(requestFor(subject));
  const { record } = await world.outcome(id);
  expect(record.outcome).toMatchObject({ status: 'transferred', confirmedBy: 'answer' });
  expect(world.effects(subject.callId)).toHaveLength(1);
});

test('a dead letter that is replayed reads its old intents first', async () => {
  const subject = createSubject(world.sandbox);
  world.sandbox.addScript({ operation: 'transfer', id: subject.callId, steps: [{ drop: 'after' }] });
  world.sandbox.addScript({ operation: 'call', id: subject.callId, steps: [{}, { status: 503, times: 50 }] });
  const id = await world.submit(requestFor(subject));
  await world.until(id, (transfer) => transfer.record.parked);
  world.sandbox.clearScripts();
  const again = await replay(world.ports, id, UPSTREAM, 'the platform is back');
  expect(again).toMatchObject({ replayed: true });
  const { record } = await world.outcome(id);
  expect(record.outcome).toMatchObject({ status: 'transferred', confirmedBy: 'reading' });
  expect(world.effects(subject.callId)).toHaveLength(1);
});

test('a failed transfer that is replayed is sent again, and the report counts both outcomes', async () => {
  const subject = createSubject(world.sandbox);
  world.sandbox.addScript({ operation: 'user', id: subject.userId, steps: [{ status: 500, times: 5 }] });
  const id = await world.submit(requestFor(subject));
  expect((await world.outcome(id)).record.status).toBe('failed');
  const counters = createCounters(world.redis, world.store.lane);
  const { counts: before } = await counters.total();
  await replay(world.ports, id, UPSTREAM, 'try again');
  expect((await world.outcome(id)).record.outcome).toMatchObject({ status: 'transferred' });
  const { counts: after } = await counters.total();
  expect(after.failed).toBe(before.failed);
  expect(after.replayed).toBe((before.replayed ?? 0) + 1);
  expect(after.transferred).toBe((before.transferred ?? 0) + 1);
});

test('a dead letter whose call is in another transfer cannot be replayed', async () => {
  const subject = createSubject(world.sandbox);
  world.sandbox.addScript({ operation: 'user', id: subject.userId, steps: [{ status: 500, times: 5 }] });
  const id = await world.submit(requestFor(subject));
  await world.outcome(id);
  const holder = await world.submit(requestFor(subject, { notBefore: Date.now() + 60_000 }));
  expect(await replay(world.ports, id, UPSTREAM, 'again')).toEqual({
    replayed: false,
    why: 'call-held',
    holder,
  });
});

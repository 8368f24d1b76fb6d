import type { Outcome } from '@handover/core/transfer';
import type { Sandbox } from '@handover/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSubject, requestFor, type Subject } from '../support/subject.ts';
import { openWorld, UNHURRIED, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ env: UNHURRIED });
});
afterAll(() => world.close());

type Row = {
  rule: string;
  given: (sandbox: Sandbox, subject: Subject) => void;
  fallback?: boolean;
  ends: Partial<Outcome>;
  /** The target in the ledger; undefined if not moved. */
  moved?: 'target' | 'fallback';
};

const queueState =
  (name: 'target' | 'fallback', state: 'open' | 'closed' | 'at_capacity') =>
  (sandbox: Sandbox, subject: Subject) =>
    sandbox.putQueue(subject[name], { state });

const answers =
  (operation: 'user' | 'call' | 'queue', status: number, times: number) =>
  (sandbox: Sandbox, { userId, callId, target }: Subject) =>
    sandbox.addScript({
      operation,
      id: { user: userId, call: callId, queue: target }[operation],
      steps: [{ status, times }],
    });

const drops =
  (operation: 'user' | 'call' | 'queue', times: number) =>
  (sandbox: Sandbox, { userId, callId, target }: Subject) =>
    sandbox.addScript({
      operation,
      id: { user: userId, call: callId, queue: target }[operation],
      steps: [{ drop: 'before', times }],
    });

const transferred = { status: 'transferred', confirmedBy: 'answer', isFallback: false } as const;
const byFallback = { ...transferred, isFallback: true };

const rules: Row[] = [
  {
    rule: 'an agent without the permission → rejected: not-permitted',
    given: (sandbox, { userId }) =>
      sandbox.putUser(userId, { roles: [{ id: 'listener', name: 'Listener' }] }),
    ends: { status: 'rejected', reason: 'not-permitted' },
  },
  {
    rule: 'a role whose name contains Supervisor may transfer',
    given: (sandbox, { userId }) =>
      sandbox.putUser(userId, { roles: [{ id: 'r-1', name: 'Night Supervisor' }] }),
    ends: transferred,
    moved: 'target',
  },
  {
    rule: 'a private call → rejected: call-is-private',
    given: (sandbox, { callId }) => sandbox.putCall(callId, { privacy: true }),
    ends: { status: 'rejected', reason: 'call-is-private' },
  },
  {
    rule: 'a call that was disconnected → rejected: call-ended',
    given: (sandbox, { callId }) => sandbox.putCall(callId, { state: 'disconnected' }),
    ends: { status: 'rejected', reason: 'call-ended' },
  },
  {
    rule: 'a call that was terminated → rejected: call-ended',
    given: (sandbox, { callId }) => sandbox.putCall(callId, { state: 'terminated' }),
    ends: { status: 'rejected', reason: 'call-ended' },
  },
  {
    rule: 'a closed target without a fallback → rejected: target-unavailable',
    given: queueState('target', 'closed'),
    ends: { status: 'rejected', reason: 'target-unavailable' },
  },
  {
    rule: 'a closed target with an open fallback → the fallback',
    given: queueState('target', 'closed'),
    fallback: true,
    ends: byFallback,
    moved: 'fallback',
  },
  {
    rule: 'a full target with an open fallback → the fallback',
    given: queueState('target', 'at_capacity'),
    fallback: true,
    ends: byFallback,
    moved: 'fallback',
  },
  {
    rule: 'an unknown target with an open fallback → the fallback',
    given: (sandbox, { target }) => sandbox.deleteQueue(target),
    fallback: true,
    ends: byFallback,
    moved: 'fallback',
  },
  {
    rule: 'a closed target and a closed fallback → rejected: target-unavailable',
    given: (sandbox, subject) => {
      queueState('target', 'closed')(sandbox, subject);
      queueState('fallback', 'closed')(sandbox, subject);
    },
    fallback: true,
    ends: { status: 'rejected', reason: 'target-unavailable' },
  },
  {
    rule: 'an unknown target and an unknown fallback → rejected: target-unavailable',
    given: (sandbox, { target, fallback }) => {
      sandbox.deleteQueue(target);
      sandbox.deleteQueue(fallback);
    },
    fallback: true,
    ends: { status: 'rejected', reason: 'target-unavailable' },
  },
];

const reads: Row[] = [
  {
    rule: 'agent 404 → rejected: not-permitted',
    given: (sandbox, { userId }) => sandbox.deleteUser(userId),
    ends: { status: 'rejected', reason: 'not-permitted' },
  },
  {
    rule: 'agent 403 → rejected: forbidden',
    given: answers('user', 403, 1),
    ends: { status: 'rejected', reason: 'forbidden' },
  },
  {
    rule: 'call 404 → rejected: call-ended',
    given: (sandbox, { callId }) => sandbox.deleteCall(callId),
    ends: { status: 'rejected', reason: 'call-ended' },
  },
  {
    rule: 'call 403 → rejected: forbidden',
    given: answers('call', 403, 1),
    ends: { status: 'rejected', reason: 'forbidden' },
  },
  {
    rule: 'agent 503 twice, then well → delayed, then transferred',
    given: answers('user', 503, 2),
    ends: transferred,
    moved: 'target',
  },
  {
    rule: 'call 500, then well → delayed, then transferred',
    given: answers('call', 500, 1),
    ends: transferred,
    moved: 'target',
  },
  {
    rule: 'agent gives no answer, then well → delayed, then transferred',
    given: drops('user', 2),
    ends: transferred,
    moved: 'target',
  },
  {
    rule: 'call gives no answer, then well → delayed, then transferred',
    given: drops('call', 2),
    ends: transferred,
    moved: 'target',
  },
  {
    rule: 'target 404 without a fallback → rejected: target-unavailable',
    given: (sandbox, { target }) => sandbox.deleteQueue(target),
    ends: { status: 'rejected', reason: 'target-unavailable' },
  },
  {
    rule: 'target 503 with a fallback → the fallback',
    given: answers('queue', 503, 1),
    fallback: true,
    ends: byFallback,
    moved: 'fallback',
  },
  {
    rule: 'target 503 without a fallback → delayed, then transferred',
    given: answers('queue', 503, 1),
    ends: transferred,
    moved: 'target',
  },
  {
    rule: 'target gives no answer with a fallback → the fallback',
    given: drops('queue', 2),
    fallback: true,
    ends: byFallback,
    moved: 'fallback',
  },
  {
    rule: 'target gives no answer without a fallback → delayed, then transferred',
    given: drops('queue', 2),
    ends: transferred,
    moved: 'target',
  },
  {
    rule: 'call 401 once → one new token, once more, transferred',
    given: answers('call', 401, 1),
    ends: transferred,
    moved: 'target',
  },
  {
    rule: 'call 401 twice → delayed like a 5xx, then transferred',
    given: answers('call', 401, 2),
    ends: transferred,
    moved: 'target',
  },
  {
    rule: 'agent 503 for ever → failed: platform-unavailable, a dead letter, and never sent',
    given: answers('user', 503, 100),
    ends: { status: 'failed', reason: 'platform-unavailable' },
  },
];

describe.each([
  { table: 'the rules', rows: rules },
  { table: 'a read answers', rows: reads },
])('before the effect: $table', ({ rows }) => {
  test.concurrent.each(rows)('$rule', async ({ given, fallback = false, ends, moved }) => {
    const subject = createSubject(world.sandbox);
    given(world.sandbox, subject);
    const id = await world.submit(requestFor(subject, { fallback }));
    const { record } = await world.outcome(id);
    expect(record.outcome).toMatchObject(ends);
    const effects = world.effects(subject.callId);
    expect(effects.map(({ target }) => target)).toEqual(
      moved === undefined ? [] : [{ type: 'queue', id: subject[moved] }],
    );
    expect(record.outcome?.target).toEqual(
      moved === undefined ? undefined : { type: 'queue', id: subject[moved] },
    );
  });
});

test('users and skill groups count as open', async () => {
  for (const type of ['user', 'skillGroup'] as const) {
    const subject = createSubject(world.sandbox);
    const id = await world.submit(requestFor(subject, { target: { type, id: 'whoever' } }));
    expect((await world.outcome(id)).record.outcome).toMatchObject({
      status: 'transferred',
      target: { type, id: 'whoever' },
    });
  }
});

test('a consult is one POST, and its 200 completes it', async () => {
  const subject = createSubject(world.sandbox);
  const id = await world.submit(requestFor(subject, { transferType: 'consult', wrapUpCodeId: 'w-9' }));
  expect((await world.outcome(id)).record.outcome).toMatchObject(transferred);
  expect(world.effects(subject.callId)).toMatchObject([
    { transferType: 'consult', wrapUpCode: { id: 'w-9' } },
  ]);
});

test('the timeline gives the reason for the fallback', async () => {
  const subject = createSubject(world.sandbox);
  world.sandbox.putQueue(subject.target, { state: 'closed' });
  const id = await world.submit(requestFor(subject, { fallback: true }));
  const { timeline } = await world.outcome(id);
  expect(timeline.find(({ step }) => step === 'decided')).toMatchObject({
    rule: 'target is closed',
    decided: `send to queue ${subject.fallback} (fallback)`,
  });
});

test('reads agent, call and target in parallel', async () => {
  const subject = createSubject(world.sandbox);
  await world.outcome(await world.submit(requestFor(createSubject(world.sandbox))));
  const ids = [subject.userId, subject.callId, subject.target];
  for (const [index, operation] of (['user', 'call', 'queue'] as const).entries())
    world.sandbox.addScript({ operation, id: ids[index], steps: [{ latencyMs: 1_500 }] });
  await world.outcome(await world.submit(requestFor(subject)));
  const reads = world.sandbox.requests
    .entries()
    .filter(({ id, operation }) => ids.includes(id ?? '') && operation !== 'transfer');
  expect(reads).toHaveLength(3);
  // The last one arrived before the first was answered.
  const answered = reads.map(({ at, ms }) => at + (ms ?? Number.NaN));
  expect(Math.max(...reads.map(({ at }) => at))).toBeLessThan(Math.min(...answered));
});

test('encodes ids that look like paths in every URL', async () => {
  const callId = 'a/../b?c#d%2F é';
  world.sandbox.putCall(callId);
  const id = await world.submit({ callId });
  expect((await world.outcome(id)).record.status).toBe('transferred');
  expect(world.effects(callId)).toHaveLength(1);
});

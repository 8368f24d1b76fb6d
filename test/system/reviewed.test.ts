import diagnostics from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { replay } from '@handover/core/transfer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSubject, requestFor } from '../support/subject.ts';
import { openWorld, UPSTREAM, type World } from '../support/world.ts';

/** Regression tests; each name states the required behaviour. */
let world: World;
beforeAll(async () => {
  world = await openWorld();
  // The sweep comes upon it within a minute: the last test looks.
  await world.redis.zadd(world.store.keys.dead, '1', 'forgotten');
});
afterAll(() => world.close());

test('a socket that fails as unreachable after sending leaves doubt', async () => {
  const subject = createSubject(world.sandbox);
  world.sandbox.addScript({ operation: 'transfer', id: subject.callId, steps: [{ hang: 'after' }] });
  const sent: ClientRequest[] = [];
  const note = (message: unknown) => sent.push((message as { request: ClientRequest }).request);
  diagnostics.subscribe('http.client.request.start', note);
  try {
    const happened = new Promise((resolve) => world.sandbox.once('effect', resolve));
    const id = await world.submit(requestFor(subject));
    await happened;
    const effect = sent.filter(({ path }) => path.includes(subject.callId) && path.endsWith('/transfer'));
    expect(effect).toHaveLength(1);
    effect[0]?.destroy(
      Object.assign(new Error('read EHOSTUNREACH'), { code: 'EHOSTUNREACH', syscall: 'read' }),
    );
    const { record, timeline } = await world.outcome(id);
    expect(record.outcome).toMatchObject({ status: 'transferred', confirmedBy: 'reading' });
    expect(timeline.find(({ step }) => step === 'sent')?.detail).toContain('EHOSTUNREACH');
    expect(world.effects(subject.callId)).toHaveLength(1);
  } finally {
    diagnostics.unsubscribe('http.client.request.start', note);
  }
});

test('a move by another transfer of ours is never attributed to a replayed one', async () => {
  const subject = createSubject(world.sandbox);
  world.sandbox.addScript({ operation: 'transfer', id: subject.callId, steps: [{ status: 503, times: 5 }] });
  const first = await world.submit(requestFor(subject));
  expect((await world.outcome(first)).record.status).toBe('failed');
  const second = await world.submit(requestFor(subject));
  expect((await world.outcome(second)).record.status).toBe('transferred');

  await replay(world.ports, first, UPSTREAM, 'again');
  const { record } = await world.outcome(first);
  expect(record.outcome).toMatchObject({ status: 'transferred', confirmedBy: 'answer' });
  expect(world.effects(subject.callId)).toHaveLength(2);
});

test('the look-up of a dead worker does not block others for long', async () => {
  const cached = await openWorld({
    env: { QUEUE_CACHE_TTL_MS: '5000', GENESYS_TIMEOUT_MS: '10000', SETTLE_WINDOW_MS: '20000' },
  });
  try {
    const subject = createSubject(cached.sandbox);
    const lookUp = cached.store.keys.lookUp('queue', subject.target);
    // Longer than any test waits.
    await cached.redis.set(lookUp, 'a dead worker', 'PX', 3_600_000);
    const { record } = await cached.outcome(await cached.submit(requestFor(subject)));
    expect(record.status).toBe('transferred');
    expect(await cached.redis.get(lookUp)).toBe('a dead worker');
  } finally {
    await cached.close();
  }
});

test('the sweep wakes a job that overslept because of a fast clock', async () => {
  const subject = createSubject(world.sandbox);
  const id = await world.submit(requestFor(subject, { notBefore: Date.now() + 3_600_000 }));
  await world.redis.hset(world.store.keys.record(id), 'nextAt', '1');
  await world.redis.zadd(world.store.keys.due, '1', id);
  expect((await world.outcome(id)).record.status).toBe('transferred');
});

test('a record that cannot be settled does not prevent others from expiring', async () => {
  const { keys } = world.store;
  await world.redis.hset(keys.record('broken'), { id: 'broken', status: 'queued' });
  await world.redis.zadd(keys.deadlines, '1', 'broken');
  const subject = createSubject(world.sandbox);
  const notBefore = Date.now() + 3_600_000;
  const id = await world.submit(requestFor(subject, { notBefore, expiresAt: notBefore + 1_000 }));
  // Only the sweep knows of it, so no worker is faster.
  await (await world.queue.getJob(id))?.remove();
  await world.redis.hset(keys.record(id), 'expiresAt', '2');
  await world.redis.zadd(keys.deadlines, '2', id);
  expect((await world.outcome(id)).record.status).toBe('expired');
});

test('a move seen after expiry is reported as a dead letter', async () => {
  const subject = createSubject(world.sandbox);
  const hung = new Promise((resolve) => world.sandbox.once('effect', resolve));
  world.sandbox.addScript({ operation: 'transfer', id: subject.callId, steps: [{ latencyMs: 2_000 }] });
  const id = await world.submit(requestFor(subject));
  await world.until(id, ({ timeline }) => timeline.some(({ step }) => step === 'intent'));
  const { epoch } = (await world.get(id)).record;
  const outcome = { status: 'expired' } as const;
  const settlement = { guard: 'attempt', epoch, outcome, deadLetter: false, actor: UPSTREAM } as const;
  expect(await world.records.settle(id, settlement, [])).toMatchObject({ settled: true });
  await hung;
  const { record } = await world.until(id, ({ timeline }) =>
    timeline.some(({ step }) => step === 'contradicted'),
  );
  expect(record.outcome?.status).toBe('expired');
  expect((await world.store.deadLetters()).map((letter) => letter.record.id)).toContain(id);
});

test('the sweep drops dead letters whose record has expired', async () => {
  const left = await world.eventually(async () =>
    (await world.redis.zscore(world.store.keys.dead, 'forgotten')) === null ? 'gone' : undefined,
  );
  expect(left).toBe('gone');
});

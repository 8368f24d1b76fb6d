import { randomUUID } from 'node:crypto';
import { cancel } from '@handover/core/transfer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSubject, requestFor } from '../support/subject.ts';
import { openWorld, UNHURRIED, UPSTREAM, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ env: UNHURRIED });
});
afterAll(() => world.close());

/** Later than anything takes that must come before it. */
const LATER_MS = 6_000;

test.concurrent('notBefore delays it, and it holds its call until then', async () => {
  const subject = createSubject(world.sandbox);
  const notBefore = Date.now() + LATER_MS;
  const id = await world.submit(requestFor(subject, { notBefore }));
  expect((await world.get(id)).record.status).toBe('delayed');
  const second = { id: randomUUID(), request: (await world.get(id)).record.request, actor: UPSTREAM };
  if (second.request === null) throw new Error('no request');
  expect(await world.store.accept({ ...second, request: second.request })).toEqual({
    accepted: false,
    why: 'call-held',
    holder: id,
  });
  const { record, timeline } = await world.outcome(id);
  expect(record.status).toBe('transferred');
  expect(timeline.find(({ step }) => step === 'started')?.at).toBeGreaterThanOrEqual(notBefore);
});

test.concurrent('an early job is delayed again', async () => {
  const subject = createSubject(world.sandbox);
  const notBefore = Date.now() + LATER_MS;
  const id = await world.submit(requestFor(subject, { notBefore }));
  await (await world.queue.getJob(id))?.promote();
  const { record, timeline } = await world.outcome(id);
  expect(timeline.find(({ step }) => step === 'started')?.at).toBeGreaterThanOrEqual(notBefore);
  expect(record.attempts).toBe(1);
});

test.concurrent('a job for a settled transfer does nothing', async () => {
  const subject = createSubject(world.sandbox);
  const id = await world.submit(requestFor(subject));
  const { record } = await world.outcome(id);
  const requests = world.sandbox.requests.entries(subject.callId).length;
  await world.finishedJob(id);
  const job = await world.rerun(id);
  expect(job).toMatchObject({ status: 'nothing', why: 'settled' });
  expect((await world.get(id)).record.epoch).toBe(record.epoch);
  expect(world.sandbox.requests.entries(subject.callId)).toHaveLength(requests);
});

test.concurrent('a transfer whose deadline passes without a worker expires at no cost in requests', async () => {
  const subject = createSubject(world.sandbox);
  const id = await world.submit(requestFor(subject, { notBefore: Date.now() + 60_000 }));
  await world.redis.hset(world.store.keys.record(id), 'expiresAt', 1);
  await world.redis.zadd(world.store.keys.deadlines, 1, id);
  const { record } = await world.outcome(id);
  expect(record.outcome).toEqual({ status: 'expired' });
  const ids: (string | null)[] = Object.values(subject);
  expect(world.sandbox.requests.entries().filter((request) => ids.includes(request.id))).toEqual([]);
});

test.concurrent('a retry that would be past the deadline expires the transfer at once', async () => {
  const unhurried = await openWorld({ env: { SERVER_ERROR_RETRY_DELAY_MS: '3600000' } });
  try {
    const subject = createSubject(unhurried.sandbox);
    unhurried.sandbox.addScript({ operation: 'user', id: subject.userId, steps: [{ status: 503 }] });
    const expiresAt = Date.now() + 1_800_000;
    const id = await unhurried.submit(requestFor(subject, { expiresAt }));
    const { record } = await unhurried.outcome(id);
    expect(record.outcome?.status).toBe('expired');
    expect(record.settledAt).toBeLessThan(expiresAt);
  } finally {
    await unhurried.close();
  }
});

test.concurrent('cancels an unsent transfer, which is then not sent', async () => {
  const subject = createSubject(world.sandbox);
  const id = await world.submit(requestFor(subject, { notBefore: Date.now() + LATER_MS }));
  expect(await cancel(world.ports, id, UPSTREAM)).toMatchObject({ cancelled: true });
  expect(await cancel(world.ports, id, UPSTREAM)).toEqual({ cancelled: true });
  await world.finishedJob(id);
  expect((await world.get(id)).record.outcome).toEqual({ status: 'cancelled' });
  expect(world.effects(subject.callId)).toEqual([]);
});

test.concurrent('does not cancel a completed transfer', async () => {
  const subject = createSubject(world.sandbox);
  const id = await world.submit(requestFor(subject));
  const before = await world.outcome(id);
  expect(await cancel(world.ports, id, UPSTREAM)).toEqual({ cancelled: false, why: 'too-late' });
  expect(await world.get(id)).toEqual(before);
});

test.concurrent('does not cancel a transfer in doubt', async () => {
  const subject = createSubject(world.sandbox);
  world.sandbox.addScript({ operation: 'transfer', id: subject.callId, steps: [{ status: 503 }] });
  const id = await world.submit(requestFor(subject));
  await world.until(id, ({ record }) => record.status === 'unconfirmed');
  expect(await cancel(world.ports, id, UPSTREAM)).toEqual({ cancelled: false, why: 'too-late' });
  expect((await world.outcome(id)).record.status).toBe('transferred');
});

test.concurrent('the sweep adds a job to an open record without one', async () => {
  const subject = createSubject(world.sandbox);
  const id = await world.submit(requestFor(subject, { notBefore: Date.now() + 1_000 }));
  await world.queue.remove(id);
  const { record } = await world.outcome(id);
  expect(record.status).toBe('transferred');
});

test.concurrent('an unparsable job without a record becomes a dead letter with the reason', async () => {
  const alone = randomUUID();
  await world.queue.add('transfer', { v: 99, surprise: true } as never, { jobId: alone });
  const lone = await world.eventually(async () => world.store.get(alone));
  expect(lone.record).toMatchObject({
    request: null,
    status: 'failed',
    outcome: { reason: 'unreadable-job' },
  });
  expect((await world.store.deadLetters()).map((letter) => letter.record.id)).toContain(alone);
});

test.concurrent('an unparsable job still wakes the transfer by its id', async () => {
  const subject = createSubject(world.sandbox);
  const id = await world.submit(requestFor(subject, { notBefore: Date.now() + 1_000 }));
  await world.queue.remove(id);
  await world.queue.add('transfer', { v: 99 } as never, { jobId: id, delay: 1_000 });
  const { record } = await world.outcome(id);
  expect(record.outcome).toMatchObject({ status: 'transferred', confirmedBy: 'answer' });
  expect(world.effects(subject.callId)).toHaveLength(1);
});

test.concurrent('the sweep recreates a partially deleted job', async () => {
  const subject = createSubject(world.sandbox);
  const id = await world.submit(requestFor(subject, { notBefore: Date.now() + 1_000 }));
  await world.queue.remove(id);
  await world.redis.hset(world.queue.toKey(id), { processedOn: 1, ats: 1 });
  const { record } = await world.outcome(id);
  expect(record.outcome).toMatchObject({ status: 'transferred', confirmedBy: 'answer' });
});

test.concurrent('higher priority goes first', async () => {
  const quiet = await openWorld({ workers: 0, env: { TRANSFER_CONCURRENCY: '1' } });
  try {
    const subjects = [1, 9, 5].map((priority) => ({ priority, subject: createSubject(quiet.sandbox) }));
    const ids: string[] = [];
    for (const { priority, subject } of subjects)
      ids.push(await quiet.submit(requestFor(subject, { priority })));
    await quiet.startOne();
    for (const id of ids) await quiet.outcome(id);
    const order = quiet.sandbox.ledger
      .entries()
      .map(({ callId }) => subjects.find(({ subject }) => subject.callId === callId)?.priority);
    expect(order).toEqual([9, 5, 1]);
  } finally {
    await quiet.close();
  }
});

test.concurrent('a settled record, its timeline and its idempotent answer expire after their retention', async () => {
  const subject = createSubject(world.sandbox);
  const id = await world.submit(requestFor(subject));
  await world.outcome(id);
  const { keys } = world.store;
  for (const key of [keys.record(id), keys.timeline(id), keys.ofCall(subject.callId)]) {
    const left = await world.redis.pttl(key);
    expect(left).toBeGreaterThan(world.config.retentionMs - 60_000);
    expect(left).toBeLessThanOrEqual(world.config.retentionMs);
  }
  expect(await world.redis.exists(keys.holder(subject.callId))).toBe(0);
});

test.concurrent('does not retry a transfer after too many worker deaths', async () => {
  const subject = createSubject(world.sandbox);
  const id = await world.submit(requestFor(subject, { notBefore: Date.now() + LATER_MS }));
  await world.redis.hset(world.store.keys.record(id), 'interruptions', '21');
  const { record } = await world.outcome(id);
  expect(record.outcome).toMatchObject({ status: 'failed', reason: 'workers-lost' });
  expect((await world.store.deadLetters()).map((letter) => letter.record.id)).toContain(id);
  expect(world.effects(subject.callId)).toEqual([]);
});

test.concurrent('too many lost workers with an open intent: it stays unconfirmed and needs an operator', async ({
  onTestFinished,
}) => {
  const slow = await openWorld({ env: { ...UNHURRIED, SERVER_ERROR_RETRY_DELAY_MS: String(LATER_MS) } });
  onTestFinished(() => slow.close());
  const subject = createSubject(slow.sandbox);
  slow.sandbox.addScript({
    operation: 'transfer',
    id: subject.callId,
    steps: [{ status: 503, effect: true }],
  });
  const id = await slow.submit(requestFor(subject));
  await slow.until(id, ({ timeline }) => timeline.some(({ step }) => step === 'waiting'));
  await slow.redis.hset(slow.store.keys.record(id), 'interruptions', '21');
  const { record } = await slow.until(id, (transfer) => transfer.record.parked);
  expect(record).toMatchObject({ status: 'unconfirmed', outcome: null });
  expect((await slow.store.deadLetters()).map((letter) => letter.record.id)).toContain(id);
});

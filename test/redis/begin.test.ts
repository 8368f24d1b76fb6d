import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  deferralOf,
  failure,
  openTestLane,
  parked,
  requestOf,
  settlementOf,
  type TestLane,
  WORKER,
} from '../support/lane.ts';

let lane: TestLane;
beforeAll(() => {
  lane = openTestLane();
});
afterAll(() => lane.close());

test('a new run gets the current record and a new epoch', async () => {
  const request = requestOf({ priority: 1 });
  const id = await lane.accept(request);
  const before = await lane.now();
  const begun = await lane.records.begin(id);
  if (!begun.begun) throw new Error(begun.why);
  expect(begun.now).toBeGreaterThanOrEqual(before);
  expect(begun.record).toEqual(await lane.record(id));
  expect(begun.record).toMatchObject({
    ...{ id, request, status: 'active', attempts: 1, epoch: 1, interruptions: 0, openIntent: '' },
  });
});

test('the next run counts a lost run as an interruption', async () => {
  const id = await lane.accept();
  await lane.begin(id);
  expect(await lane.begin(id)).toBe(2);
  expect(await lane.begin(id)).toBe(3);
  expect(await lane.record(id)).toMatchObject({ interruptions: 2, attempts: 3, epoch: 3 });
});

test('a run that was deferred is no interruption', async () => {
  const id = await lane.accept();
  const epoch = await lane.begin(id);
  await lane.records.defer(id, epoch, deferralOf(), []);
  await lane.begin(id);
  expect(await lane.record(id)).toMatchObject({ interruptions: 0, attempts: 2 });
});

describe('nothing begins', () => {
  test('for an unknown transfer, and creates no record', async () => {
    expect(await lane.records.begin('unknown-id')).toEqual({ begun: false, why: 'unknown' });
    expect(await lane.redis.exists(lane.keys.record('unknown-id'))).toBe(0);
  });

  test('for a settled one', async () => {
    const id = await lane.accept();
    await lane.records.settle(id, settlementOf(), []);
    const settled = await lane.record(id);
    expect(await lane.records.begin(id)).toEqual({ begun: false, why: 'settled' });
    expect(await lane.record(id)).toEqual(settled);
  });

  test('for a parked one', async () => {
    const id = await parked(lane);
    expect(await lane.records.begin(id)).toEqual({ begun: false, why: 'parked' });
    expect(await lane.record(id)).toMatchObject({ status: 'unconfirmed', attempts: 1 });
  });

  test('before its time, and returns that time', async () => {
    const notBefore = (await lane.now()) + 60_000;
    const id = await lane.accept({ notBefore });
    const begun = await lane.records.begin(id);
    expect(begun).toEqual({ begun: false, why: 'early', until: notBefore, now: expect.any(Number) });
    expect(await lane.record(id)).toMatchObject({ status: 'delayed', attempts: 0, epoch: 0 });
  });

  test('before the end of a wait', async () => {
    const id = await lane.accept();
    const epoch = await lane.begin(id);
    const nextAt = (await lane.now()) + 60_000;
    await lane.records.defer(id, epoch, deferralOf({ nextAt }), []);
    expect(await lane.records.begin(id)).toMatchObject({ begun: false, why: 'early', until: nextAt });
  });

  test('during a hold-off, without consuming an attempt', async () => {
    const id = await lane.accept();
    const until = (await lane.now()) + 60_000;
    await lane.redis.hset(lane.keys.holdOff, 'until', until);
    try {
      const held = { begun: false, why: 'held', rule: 'rate limited', until, now: expect.any(Number) };
      expect(await lane.records.begin(id)).toEqual(held);
      expect(await lane.record(id)).toMatchObject({ status: 'queued', attempts: 0, epoch: 0 });
    } finally {
      await lane.redis.del(lane.keys.holdOff);
    }
  });
});

test('an expired hold-off has no effect', async () => {
  await lane.redis.hset(lane.keys.holdOff, 'until', (await lane.now()) - 1);
  const id = await lane.accept();
  expect(await lane.begin(id)).toBe(1);
});

test('a deadline does not prevent a run: it prevents sending, not reading', async () => {
  const id = await lane.accept();
  await lane.redis.hset(lane.keys.record(id), 'expiresAt', (await lane.now()) - 1);
  expect(await lane.records.begin(id)).toMatchObject({ begun: true });
});

test('10 concurrent runs get distinct epochs', async () => {
  const id = await lane.accept();
  const epochs = await Promise.all(Array.from({ length: 10 }, () => lane.begin(id)));
  expect(epochs.sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test('the record of an unparsable job never begins', async () => {
  await lane.store.recordUnreadable('garbage', 'no id', WORKER, 60_000);
  expect(await lane.records.begin('garbage')).toEqual({ begun: false, why: 'settled' });
  expect(await lane.record('garbage')).toMatchObject({
    ...{
      request: null,
      status: 'failed',
      outcome: { ...failure, reason: 'unreadable-job', detail: 'no id' },
    },
  });
  expect((await lane.store.deadLetters()).map(({ record }) => record.id)).toContain('garbage');
  expect(await lane.store.replay('garbage', WORKER, 'again')).toEqual({
    ...{ replayed: false, why: 'not-dead-letter' },
  });
});

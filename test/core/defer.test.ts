import type { Deferral, TimelineEntry } from '@handover/core/transfer';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  deferralOf,
  GRACE_MS,
  intentOf,
  openTestLane,
  requestOf,
  settlementOf,
  type TestLane,
} from './lane.ts';

let lane: TestLane;
let id: string;
let epoch: number;
let callId: string;

beforeAll(() => {
  lane = openTestLane();
});
afterAll(() => lane.close());
beforeEach(async () => {
  const request = requestOf();
  callId = request.callId;
  id = await lane.accept(request);
  epoch = await lane.begin(id);
});

const entry: TimelineEntry = { at: 7, step: 'waiting', by: 'worker:w1' };
const defer = (given: Partial<Deferral> = {}, by = epoch) =>
  lane.journal.defer(id, by, deferralOf(given), [entry]);

test('a wait is stored with everything that the run learned', async () => {
  const nextAt = (await lane.now()) + 30_000;
  const intents = [intentOf({ at: 5, doubt: true, answer: 'unknown' })];
  const verdict = { status: 'failed', reason: 'conflict' } as const;
  const learned = {
    intents,
    verdict,
    serverErrors: 2,
    conflicts: 3,
    unconfirmedReads: 4,
    unconfirmedSince: 6,
  };
  expect(await defer({ status: 'unconfirmed', nextAt, ...learned })).toBe('deferred');
  expect(await lane.record(id)).toMatchObject({
    ...{ status: 'unconfirmed', nextAt, attempts: 1, epoch, openIntent: intents[0]?.id, parked: false },
    ...learned,
  });
  expect((await lane.store.get(id))?.timeline.at(-1)).toEqual(entry);
  expect(await lane.holder(callId)).toBe(id);
});

test('the sweep looks for its job a while after it is due', async () => {
  const nextAt = (await lane.now()) + 30_000;
  await defer({ nextAt });
  expect(Number(await lane.redis.zscore(lane.keys.due, id))).toBe(nextAt + GRACE_MS);
});

test('without a time the sweep looks a while from now', async () => {
  const before = await lane.now();
  await defer({ nextAt: 0 });
  const due = Number(await lane.redis.zscore(lane.keys.due, id));
  expect(due).toBeGreaterThanOrEqual(before + GRACE_MS);
  expect(due).toBeLessThanOrEqual((await lane.now()) + GRACE_MS);
});

test('a hold-off gives the attempt back, and the next run has a new epoch all the same', async () => {
  await defer({ refund: true });
  expect(await lane.record(id)).toMatchObject({ attempts: 0, epoch: 1 });
  await lane.begin(id);
  expect(await lane.record(id)).toMatchObject({ attempts: 1, epoch: 2 });
});

test('a wait that is not given back keeps its attempt', async () => {
  await defer();
  expect(await lane.record(id)).toMatchObject({ attempts: 1 });
});

test('an intent that was closed is open no more', async () => {
  const intent = intentOf();
  await lane.journal.fence(id, epoch, { intentId: intent.id, compared: '', intents: [intent] }, []);
  await defer({ intents: [{ ...intent, open: false, answer: 'refused' }] });
  expect(await lane.record(id)).toMatchObject({ openIntent: '' });
});

test('what is unconfirmed is listed as such until it is not', async () => {
  await defer({ status: 'unconfirmed' });
  expect(await lane.redis.sismember(lane.keys.unconfirmed, id)).toBe(1);
  await defer({ status: 'delayed' }, await lane.begin(id));
  expect(await lane.redis.sismember(lane.keys.unconfirmed, id)).toBe(0);
});

test('conflicts reach the report once, however often they are told', async () => {
  const before = (await lane.store.report()).etagConflicts ?? 0;
  await defer({ conflicts: 2 });
  await defer({ conflicts: 3 }, await lane.begin(id));
  expect((await lane.store.report()).etagConflicts).toBe(before + 3);
});

describe('a parked transfer', () => {
  test('is listed with the dead letters, lets its call go, and the sweep leaves it alone', async () => {
    await defer({ status: 'unconfirmed', parked: true });
    expect(await lane.record(id)).toMatchObject({ status: 'unconfirmed', parked: true, outcome: null });
    expect((await lane.store.deadLetters()).map(({ record }) => record.id)).toContain(id);
    expect(await lane.holder(callId)).toBeNull();
    expect(await lane.redis.zscore(lane.keys.due, id)).toBeNull();
    expect(await lane.redis.sismember(lane.keys.unconfirmed, id)).toBe(1);
    expect(await lane.redis.pttl(lane.keys.record(id))).toBe(-1);
  });

  test('does not let a call go that another transfer holds', async () => {
    await lane.redis.set(lane.keys.holder(callId), 'another');
    await defer({ status: 'unconfirmed', parked: true });
    expect(await lane.holder(callId)).toBe('another');
  });
});

test('run twice it changes nothing more', async () => {
  const given = { refund: true, conflicts: 2, nextAt: (await lane.now()) + 1_000 };
  await defer(given);
  const once = await lane.snapshot(id, callId);
  expect(await defer(given)).toBe('deferred');
  expect(await lane.snapshot(id, callId)).toEqual(once);
});

describe('a stale run changes nothing', () => {
  async function stale(by: number) {
    const before = await lane.snapshot(id, callId);
    expect(await defer({ status: 'unconfirmed', parked: true, refund: true, conflicts: 9 }, by)).toBe(
      'stale',
    );
    expect(await lane.snapshot(id, callId)).toEqual(before);
  }

  test('when another run began', async () => {
    await lane.begin(id);
    await stale(epoch);
  });

  test('when the transfer was settled', async () => {
    await lane.journal.settle(id, settlementOf(), []);
    await stale(epoch);
  });

  test('when it was settled after it had been deferred', async () => {
    await defer();
    await lane.journal.settle(id, settlementOf(), []);
    await stale(epoch);
  });

  test('when no such transfer is known', async () => {
    expect(await lane.journal.defer('nobody', 1, deferralOf(), [entry])).toBe('stale');
    expect(await lane.redis.exists(lane.keys.record('nobody'), lane.keys.timeline('nobody'))).toBe(0);
  });
});

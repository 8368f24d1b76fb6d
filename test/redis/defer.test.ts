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
} from '../support/lane.ts';

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
  lane.records.defer(id, by, deferralOf(given), [entry]);

test('stores a wait with all results of the run', async () => {
  const nextAt = (await lane.now()) + 30_000;
  const intents = [intentOf({ at: 5, state: 'in-doubt' })];
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

test('the sweep checks its job a while after it is due', async () => {
  const nextAt = (await lane.now()) + 30_000;
  await defer({ nextAt });
  expect(Number(await lane.redis.zscore(lane.keys.due, id))).toBe(nextAt + GRACE_MS);
});

test('without a time the sweep checks a while from now', async () => {
  const before = await lane.now();
  await defer({ nextAt: 0 });
  const due = Number(await lane.redis.zscore(lane.keys.due, id));
  expect(due).toBeGreaterThanOrEqual(before + GRACE_MS);
  expect(due).toBeLessThanOrEqual((await lane.now()) + GRACE_MS);
});

test('the sweep may expire it again once nothing is in doubt, and only then', async () => {
  const deadline = () => lane.redis.zscore(lane.keys.deadlines, id);
  const { expiresAt } = await lane.record(id);
  await lane.store.leaveToWorker(id);
  await defer({ status: 'unconfirmed', intents: [intentOf({ state: 'in-doubt' })] });
  expect(await deadline()).toBeNull();
  await defer({ status: 'delayed' }, await lane.begin(id));
  expect(await deadline()).toBe(String(expiresAt));
  await lane.store.leaveToWorker(id);
  await defer({ status: 'unconfirmed', parked: true }, await lane.begin(id));
  expect(await deadline()).toBeNull();
});

test('a hold-off consumes no attempt, but the next run has a new epoch', async () => {
  await defer({ refund: true });
  expect(await lane.record(id)).toMatchObject({ attempts: 0, epoch: 1 });
  await lane.begin(id);
  expect(await lane.record(id)).toMatchObject({ attempts: 1, epoch: 2 });
});

test('another wait consumes its attempt', async () => {
  await defer();
  expect(await lane.record(id)).toMatchObject({ attempts: 1 });
});

test('a closed intent is no longer open', async () => {
  const intent = intentOf();
  await lane.records.fence(id, epoch, { intentId: intent.id, compared: '', intents: [intent] }, []);
  await defer({ intents: [{ ...intent, state: 'closed' }] });
  expect(await lane.record(id)).toMatchObject({ openIntent: '' });
});

test('lists an unconfirmed transfer until it is resolved', async () => {
  await defer({ status: 'unconfirmed' });
  expect(await lane.redis.sismember(lane.keys.unconfirmed, id)).toBe(1);
  await defer({ status: 'delayed' }, await lane.begin(id));
  expect(await lane.redis.sismember(lane.keys.unconfirmed, id)).toBe(0);
});

test('counts conflicts in the report once, however often reported', async () => {
  const before = (await lane.report()).etagConflicts ?? 0;
  await defer({ conflicts: 2 });
  await defer({ conflicts: 3 }, await lane.begin(id));
  expect((await lane.report()).etagConflicts).toBe(before + 3);
});

describe('a parked transfer', () => {
  test('is listed with the dead letters, releases its call, and is ignored by the sweep', async () => {
    await defer({ status: 'unconfirmed', parked: true });
    expect(await lane.record(id)).toMatchObject({ status: 'unconfirmed', parked: true, outcome: null });
    expect((await lane.store.deadLetters()).map(({ record }) => record.id)).toContain(id);
    expect(await lane.holder(callId)).toBeNull();
    expect(await lane.redis.zscore(lane.keys.due, id)).toBeNull();
    expect(await lane.redis.sismember(lane.keys.unconfirmed, id)).toBe(1);
    expect(await lane.redis.pttl(lane.keys.record(id))).toBe(-1);
  });

  test('does not release a call that another transfer holds', async () => {
    await lane.redis.set(lane.keys.holder(callId), 'another');
    await defer({ status: 'unconfirmed', parked: true });
    expect(await lane.holder(callId)).toBe('another');
  });
});

describe('waits that consume no attempt', () => {
  const stepsOf = (steps: TimelineEntry['step'][], decided: string) =>
    steps.map((step): TimelineEntry => ({ at: 7, step, by: 'worker:w1', decided }));

  /** Consecutive held-off runs; the fence of each stores the first entries itself. */
  async function heldOff(times: number, { atEffect = false, refund = true } = {}) {
    for (let index = 0; index < times; index += 1) {
      const by = await lane.begin(id);
      const intents = [intentOf()];
      const stored = atEffect ? stepsOf(['started', 'read', 'decided', 'intent'], `turn ${index}`) : [];
      if (atEffect)
        await lane.records.fence(id, by, { intentId: intents[0]?.id ?? '', compared: '', intents }, stored);
      const own = stepsOf(atEffect ? ['sent', 'waiting'] : ['started', 'read', 'waiting'], `turn ${index}`);
      await lane.records.defer(id, by, deferralOf({ refund, storedEntries: stored.length }), own);
    }
  }
  const timeline = async () => (await lane.store.get(id))?.timeline ?? [];
  beforeEach(async () => {
    await lane.records.defer(id, epoch, deferralOf(), [entry]);
  });

  test.each([
    { atEffect: false, entries: 3 },
    { atEffect: true, entries: 6 },
  ])('lists ten in full, and a hundred take no more space (effect: $atEffect)', async (row) => {
    const from = await lane.now();
    await heldOff(10, row);
    const ten = await timeline();
    expect(ten).toHaveLength(2 + 10 * row.entries);
    expect(ten.every(({ times }) => times === undefined)).toBe(true);
    await heldOff(1, row);
    const between = await lane.now();
    await heldOff(90, row);
    const hundred = await timeline();
    expect(hundred).toHaveLength(ten.length);
    expect(hundred.slice(0, -1)).toEqual(ten.slice(0, -1));
    expect(hundred.at(-1)).toEqual({
      ...{ at: 7, step: 'waiting', by: 'worker:w1', decided: 'turn 89', times: 92 },
      since: expect.any(Number),
    });
    expect(hundred.at(-1)?.since).toBeGreaterThanOrEqual(from);
    expect(hundred.at(-1)?.since).toBeLessThanOrEqual(between);
    expect((await lane.record(id)).folded).toBe(row.atEffect ? 91 * 4 : 0);
  });

  test('later entries are listed in full, and the count restarts', async () => {
    await heldOff(20);
    await heldOff(1, { refund: false });
    await heldOff(12);
    const times = (await timeline()).filter(({ step }) => step === 'waiting').map((one) => one.times);
    expect(times).toEqual([
      ...Array.from({ length: 10 }, () => undefined),
      11,
      undefined,
      ...Array.from({ length: 9 }, () => undefined),
      3,
    ]);
  });

  test('an entry added in between is kept, and so are later ones', async () => {
    await heldOff(12);
    await lane.redis.rpush(
      lane.keys.timeline(id),
      JSON.stringify({ at: 8, step: 'too-late', by: 'apiKey:crm' }),
    );
    const before = await timeline();
    await heldOff(1, { atEffect: true });
    expect((await timeline()).slice(0, before.length)).toEqual(before);
    expect(await timeline()).toHaveLength(before.length + 6);
    await heldOff(5, { atEffect: true });
    expect(await timeline()).toHaveLength(before.length + 6);
    expect((await timeline()).at(-1)).toMatchObject({ step: 'waiting', times: 6 });
  });

  test('a replay restarts the count', async () => {
    await heldOff(12);
    const by = await lane.begin(id);
    const failed = { status: 'failed', reason: 'conflict' } as const;
    await lane.records.settle(
      id,
      settlementOf({ guard: 'attempt', epoch: by, outcome: failed, deadLetter: true }),
      [],
    );
    await lane.store.replay(id, { type: 'operator', name: 'anna' }, 'again');
    const before = (await timeline()).length;
    await heldOff(10);
    expect(await timeline()).toHaveLength(before + 30);
  });
});

test('is idempotent', async () => {
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
    await lane.records.settle(id, settlementOf(), []);
    await stale(epoch);
  });

  test('when it was settled after it had been deferred', async () => {
    await defer();
    await lane.records.settle(id, settlementOf(), []);
    await stale(epoch);
  });

  test('when no such transfer is known', async () => {
    expect(await lane.records.defer('unknown-id', 1, deferralOf(), [entry])).toBe('stale');
    expect(await lane.redis.exists(lane.keys.record('unknown-id'), lane.keys.timeline('unknown-id'))).toBe(0);
  });
});

import { randomUUID } from 'node:crypto';
import {
  type Bill,
  type Discrepancy,
  discrepancyNames,
  eventKey,
  type TransferEvent,
} from '@handover/core/billing';
import {
  createBillingListStore,
  createBillingStore,
  createLane,
  createRecordStore,
  createTransferStore,
} from '@handover/core/redis';
import type { Outcome } from '@handover/core/transfer';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  DEADLINE_MS,
  failure,
  openTestLane,
  RETENTION_MS,
  requestOf,
  settlementOf,
  type TestLane,
  UPSTREAM,
} from '../support/lane.ts';

const CALL = 'call-1';
const target = { type: 'queue', id: 'support' } as const;
const happened: Outcome = { status: 'transferred', target, isFallback: false, confirmedBy: 'answer' };
const none = { 'missing-event': 0, 'unknown-transfer': 0, 'different-target': 0 };

let lane: TestLane;
let trails: ReturnType<typeof createBillingStore>;
let books: ReturnType<typeof createBillingListStore>;

beforeEach(() => {
  lane = openTestLane();
  trails = createBillingStore(lane.redis, lane.lane, { retentionMs: RETENTION_MS });
  books = createBillingListStore(lane.redis, lane.lane);
});
afterEach(() => lane.close());

const eventOf = (given: Partial<TransferEvent> = {}): TransferEvent => ({
  ...{
    id: randomUUID(),
    callId: CALL,
    transferType: 'blind',
    target: { id: 'support' },
    at: 1_763_805_600_000,
  },
  ...given,
});
const remember = (event: TransferEvent) => trails.remember(event, eventKey(event));
const versionOf = async (callId = CALL) => (await trails.trail(callId)).version;

const billOf = (given: Partial<Bill> = {}): Bill => ({
  ...{ id: `event-${randomUUID()}`, eventId: 'e', callId: CALL, transferType: 'blind', target },
  ...{ timestamp: '2026-11-22T10:00:00.000Z', billingCode: 'TRANSFER_BLIND', ...given },
});
const ours = (transferId: string, given: Partial<Bill> = {}) =>
  billOf({ id: transferId, transferId, ...given });

/** Bills this from another event, on the current trail. */
async function billFromEvent(bill: Bill, event = eventOf()) {
  const { trail } = await remember(event);
  return trails.bill(bill, { version: trail.version, eventKey: eventKey(event) });
}
/** One of our transfers; settled only if an outcome is given. */
async function transfer(outcome?: Outcome): Promise<string> {
  const id = await lane.accept({ callId: `${CALL}-${randomUUID()}` });
  if (outcome !== undefined) await settle(id, outcome);
  return id;
}
const settle = (id: string, outcome: Outcome, records = lane.records) =>
  records.settle(id, settlementOf({ guard: 'seen', outcome }), []);

/** Names the discrepancy of a transfer that waits on that side. */
const name = (transferId: string, of: Discrepancy['name'], side: 'expected' | 'early') =>
  trails.name({ name: of, transferId, callId: CALL, synthesized: false }, side);
const idsIn = (key: string) => lane.redis.zrange(key, '0', '-1');
const waiting = async () => ({
  expected: await idsIn(lane.keys.expected),
  early: await idsIn(lane.keys.early),
});
const healedAt = async (id: string) => Number(await lane.redis.hget(lane.keys.discrepancy(id), 'healedAt'));
const report = () => books.report();
const fifty = <T>(what: () => Promise<T>) => Promise.all(Array.from({ length: 50 }, what));
const BLIND = { day: '2026-11-22', code: 'TRANSFER_BLIND' } as const;

describe('remembering an event', () => {
  test('stores it with Redis time, and returns the trail', async () => {
    const [before, event] = [await lane.now(), eventOf()];
    const { now, trail } = await remember(event);
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(await lane.now());
    expect(trail).toEqual({ version: 1, events: [{ ...event, key: eventKey(event), receivedAt: now }] });
    expect(await trails.trail(CALL)).toEqual(trail);
  });

  test('with an existing key changes neither the trail nor the version', async () => {
    const event = eventOf();
    const { trail } = await remember(event);
    expect((await remember({ ...event, at: 1 })).trail).toEqual(trail);
  });

  test('50 times concurrently stores it once, with one new version', async () => {
    const [one, other] = [eventOf(), eventOf()];
    await fifty(() => Promise.all([remember(one), remember(other)]));
    expect(await trails.trail(CALL)).toMatchObject({ version: 2, events: { length: 2 } });
  });

  test('extends the retention of the whole trail', async () => {
    const event = eventOf();
    await remember(event);
    await lane.redis.pexpire(lane.keys.trail(CALL), 5_000);
    await remember(event);
    expect(await lane.redis.pttl(lane.keys.trail(CALL))).toBeGreaterThan(RETENTION_MS - 10_000);
  });

  test('preserves unusual ids, and separates calls', async () => {
    const odd = eventOf({ id: '%1%%{"receivedAt":0', callId: 'ü🎧 "receivedAt":0', target: { id: '%0' } });
    await remember(odd);
    await remember(eventOf());
    expect((await trails.trail(odd.callId)).events).toMatchObject([odd]);
    expect(await versionOf()).toBe(1);
  });
});

describe('making a bill', () => {
  test('stores it for the retention, counts it by day and code, and marks the event', async () => {
    const [bill, event] = [billOf({ metadata: { ticket: '%1 ü' } }), eventOf()];
    expect(await billFromEvent(bill, event)).toBe('billed');
    const { items } = await books.bills({ from: 0, to: Number.MAX_SAFE_INTEGER, after: undefined, limit: 9 });
    expect(items).toEqual([{ ...bill, billedAt: expect.closeTo(await lane.now(), -5) }]);
    expect((await trails.trail(CALL)).events).toMatchObject([{ id: event.id, billedAs: bill.id }]);
    expect(await report()).toMatchObject({ days: [{ ...BLIND, count: 1 }], matched: 0, synthesized: 0 });
    expect(await lane.redis.pttl(lane.keys.bill(bill.id))).toBeGreaterThan(RETENTION_MS - 10_000);
    expect(await waiting()).toEqual({ expected: [], early: [] });
  });

  test.each<[string, () => Promise<unknown>]>([
    ['another event came', () => remember(eventOf())],
    ['it expired', () => lane.redis.del(lane.keys.trail(CALL))],
  ])('does nothing if the trail has changed: %s', async (_, meanwhile) => {
    const [bill, event] = [billOf(), eventOf()];
    const { trail } = await remember(event);
    await meanwhile();
    const before = await trails.trail(CALL);
    expect(await trails.bill(bill, { version: trail.version, eventKey: eventKey(event) })).toBe('changed');
    expect(await trails.trail(CALL)).toEqual(before);
    expect(await lane.redis.exists(lane.keys.bill(bill.id))).toBe(0);
  });

  test('does nothing if another bill was made on the same trail version', async () => {
    const event = eventOf();
    const from = { version: (await remember(event)).trail.version, eventKey: eventKey(event) };
    expect(await trails.bill(billOf(), from)).toBe('billed');
    expect(await trails.bill(billOf(), from)).toBe('changed');
  });

  test('with an existing id bills nothing, but marks the event', async () => {
    const bill = billOf();
    const [first, second] = [eventOf(), eventOf()];
    await billFromEvent(bill, first);
    expect(await billFromEvent({ ...bill, billingCode: 'TRANSFER_CONSULT' }, second)).toBe('already');
    expect((await trails.trail(CALL)).events.map(({ billedAs }) => billedAs)).toEqual([bill.id, bill.id]);
    expect((await report()).days).toEqual([{ ...BLIND, count: 1 }]);
    expect(await lane.redis.hget(lane.keys.bill(bill.id), 'bill')).toBe(JSON.stringify(bill));
  });

  test('50 times concurrently bills once, from an event, from our record, and from both', async () => {
    const [id, event] = [await transfer(happened), eventOf()];
    const [others, fromRecord] = [billOf(), ours(await transfer(happened))];
    const { version } = (await remember(event)).trail;
    const made = (answers: string[]) => answers.filter((answer) => answer === 'billed');
    const from = { version, eventKey: eventKey(event) };
    expect(made(await fifty(() => trails.bill(others, from)))).toHaveLength(1);
    expect(made(await fifty(() => trails.bill(fromRecord, 'record')))).toHaveLength(1);
    const both = await fifty(async () => [
      await trails.bill(ours(id, { synthesized: true }), 'record'),
      await billFromEvent(ours(id)),
    ]);
    expect(made(both.flat())).toHaveLength(1);
    expect(await report()).toMatchObject({ days: [{ ...BLIND, count: 3 }], matched: 1, synthesized: 2 });
  });
});

describe('a transfer of ours and its event', () => {
  test('are matched when the event comes after the outcome', async () => {
    const id = await transfer(happened);
    expect(await waiting()).toEqual({ expected: [id], early: [] });
    expect(await billFromEvent(ours(id))).toBe('billed');
    expect(await waiting()).toEqual({ expected: [], early: [] });
    expect(await report()).toMatchObject({ matched: 1, waiting: 0 });
  });

  test('are matched when the outcome follows the waiting event', async () => {
    const id = await transfer();
    await billFromEvent(ours(id));
    expect(await waiting()).toEqual({ expected: [], early: [id] });
    expect(await report()).toMatchObject({ matched: 0, waiting: 1 });
    await settle(id, happened);
    expect(await waiting()).toEqual({ expected: [], early: [] });
    expect(await report()).toMatchObject({ matched: 1, waiting: 0 });
  });

  test('are matched once, however many events report it', async () => {
    const id = await transfer(happened);
    const answers = [await billFromEvent(ours(id)), await billFromEvent(ours(id))];
    await settle(id, happened);
    expect(answers).toEqual(['billed', 'already']);
    expect(await report()).toMatchObject({ matched: 1, days: [{ count: 1 }] });
    expect(await waiting()).toEqual({ expected: [], early: [] });
  });

  test('a synthesized bill waits for its event, which resolves it without a second bill', async () => {
    const id = await transfer(happened);
    expect(await trails.bill(ours(id, { synthesized: true }), 'record')).toBe('billed');
    expect(await name(id, 'missing-event', 'expected')).toBe('named');
    expect(await report()).toMatchObject({ synthesized: 1, matched: 0, open: { 'missing-event': 1 } });
    expect(await billFromEvent(ours(id))).toBe('already');
    expect(await report()).toMatchObject({ days: [{ count: 1 }], synthesized: 1, matched: 1, open: none });
    expect(await healedAt(id)).toBeGreaterThan(0);
  });

  test.each(discrepancyNames)('that were named %s are resolved by the missing side', async (of) => {
    const id = await transfer(of === 'unknown-transfer' ? undefined : happened);
    if (of === 'unknown-transfer') await billFromEvent(ours(id));
    await name(id, of, of === 'unknown-transfer' ? 'early' : 'expected');
    expect(await report()).toMatchObject({ open: { ...none, [of]: 1 }, waiting: 0 });
    expect(await healedAt(id)).toBe(0);
    await (of === 'unknown-transfer' ? settle(id, happened) : billFromEvent(ours(id)));
    expect(await report()).toMatchObject({ open: none, matched: 1 });
    expect(await healedAt(id)).toBeGreaterThan(0);
  });

  test('someone else’s bill matches none of ours', async () => {
    const id = await transfer(happened);
    await billFromEvent(billOf());
    expect(await waiting()).toEqual({ expected: [id], early: [] });
  });
});

describe('an outcome', () => {
  test.each<Outcome>([failure, { status: 'expired' }, { status: 'cancelled' }, { status: 'rejected' }])(
    'of %j expects no event, and ignores an early one',
    async (outcome) => {
      const [id, early] = [await transfer(outcome), await transfer()];
      await billFromEvent(ours(early));
      await settle(early, outcome);
      expect(await waiting()).toEqual({ expected: [], early: [early] });
      expect((await lane.record(id)).outcome).toEqual(outcome);
    },
  );

  test.each(['live', 'simulated'] as const)('expects no event without billing (%s)', async (laneName) => {
    const its = createLane(laneName, lane.prefix);
    const store = createTransferStore(lane.redis, its, { deadlineMs: DEADLINE_MS });
    const id = randomUUID();
    await store.accept({ id, request: requestOf(), actor: UPSTREAM });
    const records = createRecordStore(lane.redis, its, { retentionMs: RETENTION_MS, isBilled: false });
    expect(await settle(id, happened, records)).toMatchObject({ settled: true });
    expect(await createBillingListStore(lane.redis, its).report()).toMatchObject({ waiting: 0 });
    expect(await waiting()).toEqual({ expected: [], early: [] });
  });

  test('that is contradicted expects the event of what was seen, unless it arrived', async () => {
    const [id, told] = [await transfer(failure), await transfer(failure)];
    await billFromEvent(ours(told));
    for (const one of [id, told])
      expect(await settle(one, happened)).toMatchObject({ settled: false, why: 'contradicted' });
    expect(await waiting()).toEqual({ expected: [id], early: [told] });
  });
});

describe('an overdue side', () => {
  test('is named once by concurrent checks', async () => {
    const id = await transfer(happened);
    const answers = await fifty(() => name(id, 'missing-event', 'expected'));
    expect(answers.filter((answer) => answer === 'named')).toHaveLength(1);
    expect(await report()).toMatchObject({ open: { ...none, 'missing-event': 1 } });
  });

  test('is not named once matched', async () => {
    const id = await transfer(happened);
    await billFromEvent(ours(id));
    expect(await name(id, 'missing-event', 'expected')).toBe('gone');
    expect(await report()).toMatchObject({ open: none });
    expect(await lane.redis.exists(lane.keys.discrepancy(id), lane.keys.discrepancies)).toBe(0);
  });
});

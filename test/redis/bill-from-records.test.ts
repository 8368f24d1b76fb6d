import { Bill, billFromRecords } from '@handover/core/billing';
import { createBillingListStore, createBillingStore } from '@handover/core/redis';
import type { Outcome, Target, TransferRequest } from '@handover/core/transfer';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { intentOf, openTestLane, RETENTION_MS, settlementOf, type TestLane } from '../support/lane.ts';

const LIMIT = 100;

let lane: TestLane;
beforeEach(() => {
  lane = openTestLane();
});
afterEach(() => lane.close());

/** Billing without events; `dispatched` has what was queued for the destinations. */
function openBooks() {
  const trails = createBillingStore(lane.redis, lane.lane, { retentionMs: RETENTION_MS });
  const dispatched: string[] = [];
  const { recordOf, recordsOfCall } = lane.store;
  const ports = {
    trails,
    transfers: { recordOf, recordsOfCall },
    dispatcher: { dispatch: async ({ id }: Bill) => void dispatched.push(id) },
  };
  const books = createBillingListStore(lane.redis, lane.lane);
  return { ports, dispatched, books, run: () => billFromRecords(ports, LIMIT) };
}

/** A transfer that was sent at that time, accepted, and seen to have happened by a reading. */
async function transferred(given: Partial<TransferRequest>, at: number, isFallback = false): Promise<string> {
  const id = await lane.accept(given);
  const epoch = await lane.begin(id);
  const { request } = await lane.record(id);
  const target = (isFallback ? request?.fallback : request?.target) as Target;
  const intents = [intentOf({ at, target, isFallback, state: 'accepted' })];
  await lane.records.fence(id, epoch, { intentId: intents[0]?.id ?? '', compared: '', intents }, []);
  const outcome: Outcome = { status: 'transferred', target, isFallback, confirmedBy: 'reading' };
  await lane.records.settle(id, settlementOf({ guard: 'attempt', epoch, outcome, intents }), []);
  return id;
}

test('a transfer that a reading confirmed is billed whole, from our record, and waits for nothing', async () => {
  const { run, dispatched, books } = openBooks();
  const metadata = { ticket: '4711' };
  const at = await lane.now();
  const given = { callId: 'call-1', metadata, wrapUpCodeId: 'sold' };
  const id = await transferred(given, at);
  const expected = {
    id,
    eventId: `synthesized-${id}`,
    callId: 'call-1',
    transferType: 'blind',
    target: { id: 'support', type: 'queue' },
    timestamp: expect.any(String),
    billingCode: 'TRANSFER_BLIND',
    transferId: id,
    metadata,
    synthesized: true,
  };
  expect(await run()).toEqual([expected]);
  expect(dispatched).toEqual([id]);
  const { items } = await books.bills({ from: 0, to: at + 60_000, after: undefined, limit: 10 });
  expect(items).toEqual([{ ...expected, billedAt: expect.any(Number) }]);
  expect(Math.abs(Date.parse(items[0]?.timestamp ?? '') - at)).toBeLessThan(60_000);
  expect(await books.report()).toMatchObject({
    ...{ synthesized: 1, matched: 0, waiting: 0 },
    open: { 'missing-event': 0, 'different-target': 0, 'unknown-transfer': 0 },
  });
  expect(
    (await books.discrepancies({ from: 0, to: at + 60_000, after: undefined, limit: 10 })).items,
  ).toEqual([]);
  expect(await run()).toEqual([]);
});

test.each<[string, Target]>([
  ['a user', { type: 'user', id: 'agent-7' }],
  ['a skill group', { type: 'skillGroup', id: 'french' }],
])('%s, of whose target only type and id are billed', async (_what, target) => {
  const { run } = openBooks();
  const more = { ...target, phoneType: 'WorkPhone', skills: ['french'] } as Target;
  await transferred({ target: { type: 'queue', id: 'support' }, fallback: more }, await lane.now(), true);
  const bills = await run();
  expect(bills).toMatchObject([{ target }]);
  for (const bill of bills) expect(Bill.strict().safeParse(bill).error).toBeUndefined();
  expect(Object.keys(bills[0]?.target ?? {})).toEqual(['id', 'type']);
});

test('what did not happen is not billed', async () => {
  const { run } = openBooks();
  const id = await lane.accept();
  await lane.records.settle(id, settlementOf({ guard: 'unsent', outcome: { status: 'cancelled' } }), []);
  expect(await run()).toEqual([]);
});

test('runs at the same time bill each transfer once', async () => {
  const { run, dispatched } = openBooks();
  const at = await lane.now();
  const ids = await Promise.all(Array.from({ length: 20 }, () => transferred({}, at)));
  const made = (await Promise.all([run(), run(), run()])).flat();
  expect(made.map(({ id }) => id).sort()).toEqual([...ids].sort());
  expect([...dispatched].sort()).toEqual([...ids].sort());
});

test('a run that dies after the bill is made is made up for, without a second bill', async () => {
  const { ports, run, books } = openBooks();
  const id = await transferred({}, await lane.now());
  const dies = { dispatch: () => Promise.reject(new Error('died')) };
  await expect(billFromRecords({ ...ports, dispatcher: dies }, LIMIT)).rejects.toThrow('died');
  expect(await run()).toEqual([]);
  expect(await books.report()).toMatchObject({ synthesized: 1, waiting: 0 });
  expect(await lane.redis.zrange(lane.keys.undispatched, '0', '-1')).toEqual([id]);
});

test('a run that dies before the bill is made leaves the transfer to the next one', async () => {
  const { ports, run } = openBooks();
  const id = await transferred({}, await lane.now());
  const trails = { ...ports.trails, bill: () => Promise.reject(new Error('died')) };
  await expect(billFromRecords({ ...ports, trails }, LIMIT)).rejects.toThrow('died');
  expect(await run()).toMatchObject([{ id }]);
});

test('a transfer whose record is gone is waited for no longer', async () => {
  const { run, books } = openBooks();
  const id = await transferred({}, await lane.now());
  await lane.redis.del(lane.keys.record(id));
  expect(await run()).toEqual([]);
  expect(await books.report()).toMatchObject({ synthesized: 0, waiting: 0 });
});

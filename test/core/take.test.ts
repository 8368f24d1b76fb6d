import { type TakePorts, type TransferEvent, take } from '@handover/core/billing';
import { createBillingBook } from '@handover/core/queue';
import type { Placement, TransferRecord } from '@handover/core/transfer';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { deferralOf, intentOf, openTestLane, RETENTION_MS, type TestLane, WORKER } from './lane.ts';

const WINDOW_MS = 60_000;

let lane: TestLane;
beforeEach(() => {
  lane = openTestLane();
});
afterEach(() => lane.close());

function openBooks({
  records = [],
  isTraining = false,
}: {
  records?: TransferRecord[];
  isTraining?: boolean;
} = {}) {
  const dispatched: string[] = [];
  const ports: TakePorts = {
    book: createBillingBook(lane.redis, lane.lane, { retentionMs: RETENTION_MS }),
    transfers: { recordsOfCall: async () => records, isTraining: async () => isTraining },
    journal: lane.journal,
    dispatcher: { dispatch: async ({ eventId }) => void dispatched.push(eventId) },
  };
  return {
    dispatched,
    taken: (event: TransferEvent, windowMs: number) => take(event, ports, { windowMs, actor: WORKER }),
  };
}

const eventOf = (id: string, at: number): TransferEvent => ({
  ...{ id, callId: 'call-1', transferType: 'blind', target: { id: 'support' }, at },
});

test('an event is billed once the window for late ones is over, and not before', async () => {
  const { taken, dispatched } = openBooks();
  const first = await taken(eventOf('e-1', 2_000), WINDOW_MS);
  expect(first).toMatchObject({ result: 'waiting', bills: [], next: { do: 'sleep' } });
  const { next } = first;
  expect(next.do === 'sleep' && next.inMs).toBeGreaterThan(0);
  expect(next.do === 'sleep' && next.inMs).toBeLessThanOrEqual(WINDOW_MS);
  expect(dispatched).toEqual([]);
  expect(await taken(eventOf('e-1', 2_000), 0)).toMatchObject({ result: 'billed', next: { do: 'done' } });
  expect(dispatched).toEqual(['e-1']);
});

test('one that came late and happened first is the one that is billed', async () => {
  const { taken, dispatched } = openBooks();
  await taken(eventOf('later', 2_000), WINDOW_MS);
  await taken(eventOf('earlier', 1_000), WINDOW_MS);
  await taken(eventOf('later', 2_000), 0);
  expect(dispatched).toEqual(['earlier']);
  expect(await taken(eventOf('later', 2_000), 0)).toMatchObject({ result: 'known', bills: [] });
});

test('a training call is not billed', async () => {
  const { taken, dispatched } = openBooks({ isTraining: true });
  expect(await taken(eventOf('e-1', 2_000), 0)).toMatchObject({ result: 'training', bills: [] });
  expect(dispatched).toEqual([]);
});

/** An unconfirmed transfer to the target that the events show. */
async function unconfirmed(before: Placement): Promise<TransferRecord> {
  const id = await lane.accept({ callId: 'call-1' });
  const epoch = await lane.begin(id);
  const intents = [intentOf({ before, doubt: true, answer: 'unknown' })];
  await lane.journal.fence(id, epoch, { intentId: intents[0]?.id ?? '', compared: '', intents }, []);
  const written = (await lane.record(id)).intents;
  await lane.journal.defer(
    id,
    epoch,
    deferralOf({ status: 'unconfirmed', intents: written, unconfirmedSince: 1 }),
    [],
  );
  return lane.record(id);
}

const AT_SUPPORT: Placement = { transferType: 'blind', target: { type: 'queue', id: 'support' } };
const MINUTE_MS = 60_000;

test.each<[string, Placement, number, string]>([
  ['settles an unconfirmed transfer whose sending it shows', {}, 1, 'transferred'],
  ['proves nothing where the call stood there before', AT_SUPPORT, 1, 'unconfirmed'],
  ['proves nothing where only a clock that is behind could make it ours', {}, -MINUTE_MS, 'unconfirmed'],
])('an event %s', async (_, before, laterMs, status) => {
  const record = await unconfirmed(before);
  const { taken } = openBooks({ records: [record] });
  const report = await taken(eventOf('e-1', (record.intents[0]?.at ?? 0) + laterMs), WINDOW_MS);
  expect(report.settled?.record.id).toBe(status === 'transferred' ? record.id : undefined);
  expect((await lane.record(record.id)).status).toBe(status);
});

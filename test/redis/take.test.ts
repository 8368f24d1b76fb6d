import { type TakePorts, type TransferEvent, take } from '@handover/core/billing';
import { createBillingStore } from '@handover/core/redis';
import type { Placement, TransferRecord } from '@handover/core/transfer';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  deferralOf,
  intentOf,
  openTestLane,
  RETENTION_MS,
  settlementOf,
  type TestLane,
  WORKER,
} from '../support/lane.ts';

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
  const [dispatched, ended, removed]: [string[], string[], string[]] = [[], [], []];
  const ports: TakePorts = {
    trails: createBillingStore(lane.redis, lane.lane, { retentionMs: RETENTION_MS }),
    transfers: { recordsOfCall: async () => records, isTraining: async () => isTraining },
    records: lane.records,
    meter: { ended: ({ outcome }) => void ended.push(outcome.status) },
    wakes: { remove: async (id) => void removed.push(id) },
    dispatcher: { dispatch: async ({ eventId }) => void dispatched.push(eventId) },
  };
  return {
    dispatched,
    ended,
    removed,
    taken: (event: TransferEvent, windowMs: number) => take(event, ports, { windowMs, actor: WORKER }),
  };
}

const eventOf = (id: string, at: number): TransferEvent => ({
  ...{ id, callId: 'call-1', transferType: 'blind', target: { id: 'support' }, at },
});

test('bills an event only after the reorder window', async () => {
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

test('bills the earlier event even if it arrives late', async () => {
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

/** A transfer to the target of the events, whose effect is in flight. */
async function underWay(before: Placement): Promise<TransferRecord> {
  const id = await lane.accept({ callId: 'call-1' });
  const epoch = await lane.begin(id);
  const intents = [intentOf({ before })];
  await lane.records.fence(id, epoch, { intentId: intents[0]?.id ?? '', compared: '', intents }, []);
  return lane.record(id);
}

/** The same, with an unknown result. */
async function unconfirmed(before: Placement): Promise<TransferRecord> {
  const { id, epoch, intents } = await underWay(before);
  const doubts = intents.map((intent) => ({ ...intent, state: 'in-doubt' as const }));
  await lane.records.defer(
    id,
    epoch,
    deferralOf({ status: 'unconfirmed', intents: doubts, unconfirmedSince: 1 }),
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
  const { taken, ended, removed } = openBooks({ records: [record] });
  const report = await taken(eventOf('e-1', (record.intents[0]?.at ?? 0) + laterMs), WINDOW_MS);
  expect([ended, removed]).toEqual(status === 'transferred' ? [[status], [record.id]] : [[], []]);
  expect(report.settled?.record.id).toBe(status === 'transferred' ? record.id : undefined);
  expect((await lane.record(record.id)).status).toBe(status);
});

test('rechecks an event of an effect in flight until the run ends: its worker may be dead', async () => {
  const record = await underWay({});
  const { id, epoch, intents } = record;
  const records = [record];
  const { taken } = openBooks({ records });
  const event = eventOf('e-1', (intents[0]?.at ?? 0) + 1);
  const first = await taken(event, 0);
  expect(first).toMatchObject({ result: 'billed', settled: undefined, next: { do: 'sleep' } });
  expect((await lane.record(id)).status).toBe('active');

  const doubts = intents.map((intent) => ({ ...intent, state: 'in-doubt' as const }));
  await lane.records.defer(id, epoch, deferralOf({ status: 'unconfirmed', intents: doubts }), []);
  records[0] = await lane.record(id);
  const second = await taken(event, 0);
  expect(second).toMatchObject({ result: 'known', next: { do: 'done' }, bills: [] });
  expect(second.settled?.outcome).toMatchObject({ status: 'transferred', confirmedBy: 'event' });
  const { status, intents: ended } = await lane.record(id);
  expect({ status, states: ended.map(({ state }) => state) }).toEqual({
    status: 'transferred',
    states: ['closed-in-doubt'],
  });
});

test('does not recheck an event of a transfer settled by its answer', async () => {
  const { id } = await underWay({});
  const outcome = {
    status: 'transferred',
    target: { type: 'queue', id: 'support' },
    isFallback: false,
  } as const;
  await lane.records.settle(id, settlementOf({ guard: 'seen', outcome }), []);
  const record = await lane.record(id);
  const { taken } = openBooks({ records: [record] });
  const report = await taken(eventOf('e-1', (record.intents[0]?.at ?? 0) + 1), 0);
  expect(report).toMatchObject({ result: 'billed', next: { do: 'done' } });
});

const support = { type: 'queue', id: 'support' } as const;
test.each([
  ['to the target', { target: support }],
  ['to the fallback', { target: { type: 'queue', id: 'sales' } as const, fallback: support }],
])('an event settles a transfer that was held because Redis may have lost its move %s', async (_, wanted) => {
  const id = await lane.accept({ callId: 'call-1', ...wanted });
  const epoch = await lane.begin(id);
  const from = (await lane.now()) - 60_000;
  const held = { from };
  await lane.records.defer(id, epoch, deferralOf({ status: 'unconfirmed', parked: true, held }), []);
  const { taken } = openBooks({ records: [await lane.record(id)] });
  expect((await taken(eventOf('e-0', from - 1), 0)).settled).toBeUndefined();
  const { settled } = await taken(eventOf('e-1', from + 1), 0);
  expect(settled?.outcome).toMatchObject({ status: 'transferred', confirmedBy: 'event' });
  expect((await lane.record(id)).status).toBe('transferred');
});

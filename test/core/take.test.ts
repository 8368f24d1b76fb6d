import { type TakePorts, type TransferEvent, take } from '@handover/core/billing';
import { createBillingBook } from '@handover/core/queue';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTestLane, RETENTION_MS, type TestLane, WORKER } from './lane.ts';

const WINDOW_MS = 60_000;

let lane: TestLane;
beforeEach(() => {
  lane = openTestLane();
});
afterEach(() => lane.close());

function openBooks() {
  const dispatched: string[] = [];
  const ports: TakePorts = {
    book: createBillingBook(lane.redis, lane.lane, { retentionMs: RETENTION_MS }),
    transfers: { recordsOfCall: async () => [], isTraining: async () => false },
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

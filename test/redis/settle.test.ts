import type { Guard, Outcome, Settlement, TimelineEntry } from '@handover/core/transfer';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  deferralOf,
  failure,
  intentOf,
  openTestLane,
  parked,
  RETENTION_MS,
  requestOf,
  settlementOf,
  type TestLane,
  WORKER,
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

const entry: TimelineEntry = { at: 0, step: 'outcome', by: 'worker:w1', detail: '{"at":0 %1' };
const settle = (given: Partial<Settlement> = {}) => lane.records.settle(id, settlementOf(given), [entry]);
const overdue = () => lane.redis.hset(lane.keys.record(id), 'expiresAt', 1);

async function openIntent() {
  const intent = intentOf();
  await lane.records.fence(id, epoch, { intentId: intent.id, compared: '', intents: [intent] }, []);
  return intent;
}

/** The change of the report. */
async function reported(what: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await lane.report();
  await what();
  const after = await lane.report();
  const changes = Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)] as const);
  return Object.fromEntries(changes.filter(([, change]) => change !== 0));
}

describe('an outcome', () => {
  test('settles record, call, lists and timeline in one step', async () => {
    const outcome: Outcome = { status: 'transferred', confirmedBy: 'answer', isFallback: false };
    const intent = await openIntent();
    const settled = await settle({ outcome, intents: [{ ...intent, state: 'closed' }] });
    const record = await lane.record(id);
    expect(settled).toEqual({
      settled: true,
      facts: { acceptedAt: record.acceptedAt, settledAt: record.settledAt },
    });
    expect(record).toMatchObject({
      ...{ status: 'transferred', outcome, openIntent: '', nextAt: 0, parked: false },
      intents: [{ id: intent.id, state: 'closed' }],
    });
    expect(record.settledAt).toBeGreaterThanOrEqual(record.acceptedAt);
    expect((await lane.store.get(id))?.timeline.at(-1)).toEqual({ ...entry, at: record.settledAt });
    const { holder, due, deadlines, unconfirmed, dead } = await lane.snapshot(id, callId);
    expect(holder).toBeNull();
    for (const list of [due, deadlines, unconfirmed, dead]) expect(list).not.toContain(id);
  });

  test('is kept for the retention, with its timeline and the list of its call', async () => {
    await settle();
    for (const key of [lane.keys.record(id), lane.keys.timeline(id), lane.keys.ofCall(callId)]) {
      const left = await lane.redis.pttl(key);
      expect(left).toBeGreaterThan(RETENTION_MS - 10_000);
      expect(left).toBeLessThanOrEqual(RETENTION_MS);
    }
  });

  test('of a failure is listed with the dead letters', async () => {
    await settle({ guard: 'attempt', epoch, outcome: failure, deadLetter: true });
    expect((await lane.store.deadLetters()).map(({ record }) => record.id)).toContain(id);
    expect(await lane.holder(callId)).toBeNull();
  });

  test('does not release a call that another transfer now holds', async () => {
    await lane.redis.set(lane.keys.holder(callId), 'another');
    await settle();
    expect(await lane.holder(callId)).toBe('another');
  });

  test('removes a parked transfer from the dead letters and the unconfirmed', async () => {
    id = await parked(lane);
    expect(await settle({ guard: 'operator' })).toMatchObject({ settled: true });
    const { dead, unconfirmed } = await lane.snapshot(id, callId);
    expect(dead).not.toContain(id);
    expect(unconfirmed).not.toContain(id);
    expect(await lane.record(id)).toMatchObject({ parked: false });
  });

  test('ends the run: the next one, after a replay, counts no interruption', async () => {
    await settle({ guard: 'attempt', epoch, outcome: failure, deadLetter: true });
    await lane.store.replay(id, WORKER, 'again');
    await lane.begin(id);
    expect(await lane.record(id)).toMatchObject({ interruptions: 0, epoch: 2 });
  });
});

describe('the report', () => {
  test.each<[Outcome, Record<string, number>]>([
    [{ status: 'transferred', isFallback: false }, { transferred: 1 }],
    [
      { status: 'transferred', isFallback: true },
      { transferred: 1, fallbackUsed: 1 },
    ],
    [{ status: 'cancelled' }, { cancelled: 1 }],
    [{ status: 'expired' }, { expired: 1 }],
    [
      { status: 'failed', reason: 'conflict' },
      { failed: 1, 'failed:conflict': 1 },
    ],
    [
      { status: 'rejected', reason: 'call-ended' },
      { rejected: 1, 'rejected:call-ended': 1 },
    ],
    [
      { status: 'rejected', reason: 'forbidden', isFallback: true },
      { rejected: 1, 'rejected:forbidden': 1 },
    ],
  ])('counts %j', async (outcome, counts) => {
    expect(await reported(() => settle({ outcome }))).toEqual(counts);
  });

  test('counts each conflict once, those of the last run too', async () => {
    await lane.records.defer(id, epoch, deferralOf({ conflicts: 2 }), []);
    expect(await reported(() => settle({ conflicts: 3 }))).toEqual({ transferred: 1, etagConflicts: 1 });
    expect(await lane.record(id)).toMatchObject({ conflicts: 3 });
  });

  test('keeps the stored conflicts if none are given', async () => {
    await lane.records.defer(id, epoch, deferralOf({ conflicts: 2 }), []);
    expect(await reported(() => settle())).toEqual({ transferred: 1 });
    expect(await lane.record(id)).toMatchObject({ conflicts: 2 });
  });
});

describe('guards', () => {
  type Setting = 'nothing sent' | 'intent open' | 'overdue' | 'overdue, intent open' | 'unconfirmed';

  async function arrange(setting: Setting): Promise<void> {
    if (setting.startsWith('overdue')) await overdue();
    if (setting === 'unconfirmed')
      await lane.records.defer(id, epoch, deferralOf({ status: 'unconfirmed', intents: [intentOf()] }), []);
    if (!setting.endsWith('intent open')) return;
    // An open intent as left by the fence, which would refuse past the deadline.
    await lane.redis.hset(lane.keys.record(id), 'openIntent', 'i1');
  }

  test.each<[Guard, Setting, string]>([
    ['attempt', 'nothing sent', 'settled'],
    ['attempt', 'intent open', 'settled'],
    ['attempt', 'overdue', 'settled'],
    ['seen', 'nothing sent', 'settled'],
    ['seen', 'intent open', 'settled'],
    ['seen', 'unconfirmed', 'settled'],
    ['unsent', 'nothing sent', 'settled'],
    ['unsent', 'overdue', 'settled'],
    ['unsent', 'intent open', 'too-late'],
    ['unsent', 'unconfirmed', 'too-late'],
    ['overdue', 'nothing sent', 'not-due'],
    ['overdue', 'overdue', 'settled'],
    ['overdue', 'overdue, intent open', 'too-late'],
    ['overdue', 'unconfirmed', 'too-late'],
    ['operator', 'nothing sent', 'not-unconfirmed'],
    ['operator', 'intent open', 'not-unconfirmed'],
    ['operator', 'unconfirmed', 'settled'],
  ])('"%s" with %s: %s', async (guard, setting, expected) => {
    await arrange(setting);
    const before = await lane.snapshot(id, callId);
    const settled = await settle({ guard, epoch, outcome: { status: 'expired' } });
    if (settled.settled) expect(expected).toBe('settled');
    else {
      expect(settled.why).toBe(expected);
      expect(await lane.snapshot(id, callId)).toEqual(before);
    }
  });

  test('"attempt" of a run that was taken over: nothing changes', async () => {
    await lane.begin(id);
    const before = await lane.snapshot(id, callId);
    expect(await settle({ guard: 'attempt', epoch })).toEqual({ settled: false, why: 'taken-over' });
    expect(await lane.snapshot(id, callId)).toEqual(before);
  });

  test('"seen" applies even after a take-over: it happened, whichever run saw it', async () => {
    await lane.begin(id);
    expect(await settle({ guard: 'seen', epoch })).toMatchObject({ settled: true });
  });

  test.each<Guard>(['attempt', 'unsent', 'overdue', 'operator'])(
    '"%s" of a settled transfer: changes nothing, and returns the outcome',
    async (guard) => {
      await settle({ outcome: { status: 'rejected', reason: 'call-ended' } });
      const before = await lane.snapshot(id, callId);
      expect(await settle({ guard, epoch })).toEqual({
        ...{ settled: false, why: 'already' },
        outcome: { status: 'rejected', reason: 'call-ended' },
      });
      expect(await lane.snapshot(id, callId)).toEqual(before);
    },
  );

  test('"seen" of a transferred one: nothing changes', async () => {
    await settle({ guard: 'seen', epoch });
    const before = await lane.snapshot(id, callId);
    expect(await settle({ guard: 'seen', epoch })).toMatchObject({ settled: false, why: 'already' });
    expect(await lane.snapshot(id, callId)).toEqual(before);
  });

  test('"seen" of another outcome: the outcome stays, and the contradiction is a dead letter', async () => {
    await settle({ outcome: { status: 'rejected', reason: 'call-ended' } });
    const before = await lane.snapshot(id, callId);
    const seen = { at: 1, step: 'outcome', by: 'worker:late', decided: 'transferred' } as const;
    expect(await lane.records.settle(id, settlementOf({ guard: 'seen', epoch }), [seen])).toEqual({
      ...{ settled: false, why: 'contradicted' },
      outcome: { status: 'rejected', reason: 'call-ended' },
    });
    const after = await lane.snapshot(id, callId);
    const contradictedAt = expect.stringMatching(/^\d{13}$/);
    expect(after.record).toEqual({ ...before.record, contradictedAt });
    expect(after.report).toEqual(before.report);
    expect(after.dead).toEqual([...before.dead, id]);
    expect(JSON.parse(after.timeline.at(-1) ?? '')).toEqual({ ...seen, step: 'contradicted' });
  });

  test('of an unknown transfer: nothing happens', async () => {
    id = 'unknown-id';
    expect(await settle()).toEqual({ settled: false, why: 'unknown' });
    expect(await lane.redis.exists(lane.keys.record(id), lane.keys.timeline(id))).toBe(0);
  });
});

test('one of many concurrent settlements wins, and one is counted', async () => {
  const all = ['attempt', 'seen', 'unsent', 'seen', 'attempt', 'unsent'] as const;
  const counts = await reported(async () => {
    const settled = await Promise.all(all.map((guard) => settle({ guard, epoch })));
    expect(settled.filter((one) => one.settled)).toHaveLength(1);
  });
  expect(counts).toEqual({ transferred: 1 });
});

import { randomUUID } from 'node:crypto';
import { createActionStore } from '@handover/core/redis';
import type { Outcome } from '@handover/core/transfer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  DEADLINE_MS,
  deadLetter,
  deferralOf,
  failure,
  GRACE_MS,
  openTestLane,
  parked,
  requestOf,
  settlementOf,
  type TestLane,
} from '../support/lane.ts';

const ANNA = { type: 'operator', name: 'anna' } as const;

let lane: TestLane;
beforeAll(() => {
  lane = openTestLane();
});
afterAll(() => lane.close());

const replay = (id: string) => lane.store.replay(id, ANNA, 'the platform is back "at":0 %1');

describe('a failed transfer that is replayed', () => {
  test('is open again, with a new deadline and reset counters', async () => {
    const request = requestOf();
    const id = await deadLetter(lane, request);
    await lane.redis.hset(lane.keys.record(id), {
      ...{ serverErrors: 5, conflicts: 4, unconfirmedReads: 3, unconfirmedSince: 2, interruptions: 21 },
      verdict: JSON.stringify(failure),
    });
    const before = await lane.now();
    const replayed = await replay(id);
    const record = await lane.record(id);
    expect(replayed).toEqual({ replayed: true, expiresAt: record.expiresAt });
    expect(record.expiresAt).toBeGreaterThanOrEqual(before + DEADLINE_MS);
    expect(record).toMatchObject({
      ...{ status: 'queued', outcome: null, verdict: null, settledAt: 0, parked: false, nextAt: 0, request },
      ...{ serverErrors: 0, conflicts: 0, unconfirmedReads: 0, unconfirmedSince: 0, interruptions: 0 },
    });
    expect((await lane.store.get(id))?.timeline.at(-1)).toEqual({
      ...{ at: record.expiresAt - DEADLINE_MS, step: 'replayed', by: 'operator:anna' },
      detail: 'the platform is back "at":0 %1',
    });
  });

  test('holds its call again, is due, and is no longer a dead letter', async () => {
    const request = requestOf();
    const id = await deadLetter(lane, request);
    await replay(id);
    expect(await lane.holder(request.callId)).toBe(id);
    expect((await lane.store.deadLetters()).map(({ record }) => record.id)).not.toContain(id);
    const { expiresAt } = await lane.record(id);
    expect(Number(await lane.redis.zscore(lane.keys.due, id))).toBe(expiresAt - DEADLINE_MS + GRACE_MS);
    expect(Number(await lane.redis.zscore(lane.keys.deadlines, id))).toBe(expiresAt);
  });

  test('no longer expires, nor does its idempotent answer', async () => {
    const request = requestOf();
    const idempotency = { route: 'r', key: 'k', fingerprint: 'f' };
    const id = 'replayed-1';
    await lane.store.accept({ id, request, actor: ANNA, idempotency });
    const epoch = await lane.begin(id);
    const failed = settlementOf({ guard: 'attempt', epoch, outcome: failure, deadLetter: true });
    await lane.records.settle(id, failed, []);
    const { record, timeline, ofCall } = lane.keys;
    const answer = (await lane.redis.hget(record(id), 'idempotencyKey')) ?? '';
    const kept = [record(id), timeline(id), ofCall(request.callId), answer];
    for (const key of kept) expect(await lane.redis.pttl(key)).toBeGreaterThan(0);
    await replay(id);
    for (const key of kept) expect(await lane.redis.pttl(key)).toBe(-1);
  });

  test('stays in the report, which counts every outcome, and is counted as replayed', async () => {
    const before = await lane.report();
    const id = await deadLetter(lane);
    await replay(id);
    await lane.records.settle(id, settlementOf(), []);
    const after = await lane.report();
    for (const name of ['failed', 'failed:platform-unavailable', 'replayed', 'transferred'])
      expect(after[name], name).toBe((before[name] ?? 0) + 1);
  });

  test('runs again', async () => {
    const id = await deadLetter(lane);
    await replay(id);
    expect(await lane.records.begin(id)).toMatchObject({ begun: true, record: { epoch: 2 } });
  });
});

describe('a parked transfer that is replayed', () => {
  test('keeps its old intents, to be read first, and cannot be cancelled', async () => {
    const id = await parked(lane);
    const { intents, openIntent } = await lane.record(id);
    expect(await replay(id)).toMatchObject({ replayed: true });
    expect(await lane.record(id)).toMatchObject({ status: 'queued', parked: false, intents, openIntent });
    expect(openIntent).not.toBe('');
    const cancel = settlementOf({ guard: 'unsent', outcome: { status: 'cancelled' } });
    expect(await lane.records.settle(id, cancel, [])).toEqual({ settled: false, why: 'too-late' });
    expect(await lane.records.begin(id)).toMatchObject({ begun: true });
  });

  test('changes no report, for it never ended', async () => {
    const id = await parked(lane);
    const before = await lane.report();
    await replay(id);
    expect(await lane.report()).toEqual(before);
  });
});

describe('nothing is replayed, and nothing changes', () => {
  async function refused(id: string, callId: string, answer: object) {
    const before = await lane.snapshot(id, callId);
    expect(await replay(id)).toEqual({ replayed: false, ...answer });
    expect(await lane.snapshot(id, callId)).toEqual(before);
  }

  test('when the call is in another transfer', async () => {
    const request = requestOf();
    const id = await deadLetter(lane, request);
    const holder = await lane.accept(request);
    await refused(id, request.callId, { why: 'call-held', holder });
  });

  test('when the call of a parked one is in another transfer', async () => {
    const request = requestOf();
    const id = await parked(lane, request);
    const holder = await lane.accept(request);
    await refused(id, request.callId, { why: 'call-held', holder });
  });

  test('when it is unknown', () => refused('unknown-id', 'no-call', { why: 'unknown' }));

  test('when it is in progress', async () => {
    const request = requestOf();
    await refused(await lane.accept(request), request.callId, { why: 'not-dead-letter' });
  });

  test('when it was moved', async () => {
    const request = requestOf();
    const id = await lane.accept(request);
    await lane.records.settle(id, settlementOf(), []);
    await refused(id, request.callId, { why: 'not-dead-letter' });
  });

  test('a second time', async () => {
    const request = requestOf();
    const id = await deadLetter(lane, request);
    await replay(id);
    await refused(id, request.callId, { why: 'not-dead-letter' });
  });
});

test('a dead letter whose record has expired leaves the list', async () => {
  const id = await deadLetter(lane);
  await lane.redis.del(lane.keys.record(id));
  expect((await lane.store.deadLetters()).map(({ record }) => record.id)).not.toContain(id);
  expect(await lane.redis.zscore(lane.keys.dead, id)).toBeNull();
});

test('metrics count open, unconfirmed and dead transfers', async () => {
  const own = openTestLane();
  try {
    await deadLetter(own);
    await parked(own);
    await own.accept();
    const unconfirmed = await own.accept();
    await own.records.defer(
      unconfirmed,
      await own.begin(unconfirmed),
      deferralOf({ status: 'unconfirmed' }),
      [],
    );
    expect(await own.store.counts()).toEqual({ open: 2, unconfirmed: 2, deadLetters: 2 });
  } finally {
    await own.close();
  }
});

describe('an action over many', () => {
  const actions = () => createActionStore(lane.redis, lane.lane);
  /** Starts an action over these, which replays nothing by itself here. */
  async function started(ids: string[]) {
    const id = randomUUID();
    const action = {
      id,
      deed: { action: 'replay' },
      filter: {},
      actor: ANNA,
      reason: 'why',
      skipped: {},
    } as const;
    await actions().start(action, ids);
    const deadBy = (await lane.now()) + 60_000;
    return {
      replay: (transfer: string) => lane.store.replay(transfer, ANNA, 'why', { id, deadBy }),
      seen: async () => {
        const { ended, open } = (await actions().get(id)) ?? {};
        return { ended, open };
      },
      id,
    };
  }
  const end = (id: string, outcome: Outcome, deadLetter = false) =>
    lane.records.settle(id, settlementOf({ outcome, deadLetter }), []);

  test('counts how what it replayed has ended, each once, and what has not', async () => {
    const [one, other, left] = [await deadLetter(lane), await deadLetter(lane), await deadLetter(lane)];
    const action = await started([one, other, left]);
    expect(await action.seen()).toEqual({ ended: undefined, open: undefined });
    await action.replay(one);
    await action.replay(other);
    expect(await action.seen()).toEqual({ ended: {}, open: 2 });
    await end(one, { status: 'transferred' });
    await end(one, { status: 'transferred' });
    await end(other, failure, true);
    expect(await action.seen()).toEqual({ ended: { transferred: 1, failed: 1 }, open: 0 });
    // Replayed by itself, it is no longer the action's.
    await replay(other);
    await end(other, { status: 'rejected', reason: 'call-ended' });
    await replay(left);
    await end(left, { status: 'transferred' });
    expect(await action.seen()).toEqual({ ended: { transferred: 1, failed: 1 }, open: 0 });
  });

  test('no longer waits for what was parked, and was replayed by another since', async () => {
    const id = await deadLetter(lane);
    const [first, second] = [await started([id]), await started([id])];
    await first.replay(id);
    const epoch = await lane.begin(id);
    const parking = deferralOf({ status: 'unconfirmed', parked: true, unconfirmedSince: 1 });
    await lane.records.defer(id, epoch, parking, []);
    expect(await first.seen()).toEqual({ ended: {}, open: 1 });
    expect(await second.replay(id)).toMatchObject({ replayed: true });
    expect(await first.seen()).toEqual({ ended: {}, open: 0 });
    expect(await second.seen()).toEqual({ ended: {}, open: 1 });
    await end(id, { status: 'cancelled' });
    expect(await second.seen()).toEqual({ ended: { cancelled: 1 }, open: 0 });
  });

  test('that is kept no longer is not brought back', async () => {
    const id = await deadLetter(lane);
    const action = await started([id]);
    await action.replay(id);
    await lane.redis.del(lane.keys.action(action.id));
    await end(id, { status: 'transferred' });
    expect(await lane.redis.exists(lane.keys.action(action.id))).toBe(0);
  });
});

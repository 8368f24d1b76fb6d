import { randomUUID } from 'node:crypto';
import type { TransferRequest } from '@handover/core/transfer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ANSWER_MS,
  DEADLINE_MS,
  GRACE_MS,
  openTestLane,
  requestOf,
  settlementOf,
  type TestLane,
  UPSTREAM,
} from '../support/lane.ts';

let lane: TestLane;
beforeAll(() => {
  lane = openTestLane();
});
afterAll(() => lane.close());

const HOUR = 3_600_000;
const withKey = (key: string, fingerprint = 'body', route = 'POST /api/transfers') => ({
  idempotency: { route, key, fingerprint },
});
const submit = (id: string, request: TransferRequest, more: object = {}) =>
  lane.store.accept({ id, request, actor: UPSTREAM, ...more });
const cancelled = { guard: 'unsent', outcome: { status: 'cancelled' } } as const;
const scored = async (key: string, id: string) => Number(await lane.redis.zscore(key, id));
const cancel = (id: string) => lane.records.settle(id, settlementOf(cancelled), []);

describe('an accepted transfer', () => {
  test('has a record, a timeline, its call, and an entry for the sweep', async () => {
    const id = randomUUID();
    const request = requestOf({ priority: 3, metadata: { ticket: '7' } });
    const before = await lane.now();
    expect(await submit(id, request)).toEqual({ accepted: true, id, status: 'queued' });
    const record = await lane.record(id);
    expect(record).toMatchObject({
      ...{ id, request, actor: UPSTREAM, status: 'queued', nextAt: 0, attempts: 0, epoch: 0 },
      ...{
        interruptions: 0,
        openIntent: '',
        intents: [],
        verdict: null,
        outcome: null,
        parked: false,
        folded: 0,
      },
    });
    expect(record.acceptedAt).toBeGreaterThanOrEqual(before);
    expect(record.expiresAt).toBe(record.acceptedAt + DEADLINE_MS);
    expect((await lane.store.get(id))?.timeline).toEqual([
      { at: record.acceptedAt, step: 'accepted', by: 'apiKey:crm' },
    ]);
    expect(await lane.holder(request.callId)).toBe(id);
    expect(await scored(lane.keys.due, id)).toBe(record.acceptedAt + GRACE_MS);
    expect(await scored(lane.keys.deadlines, id)).toBe(record.expiresAt);
    expect((await lane.store.ofCall(request.callId)).map((found) => found.record.id)).toEqual([id]);
    expect(await lane.redis.pttl(lane.keys.record(id))).toBe(-1);
  });

  test('keeps its requested deadline', async () => {
    const expiresAt = (await lane.now()) + HOUR;
    const id = await lane.accept({ expiresAt });
    expect(await lane.record(id)).toMatchObject({ expiresAt });
  });

  test('with notBefore is delayed until then, and its deadline counts from then', async () => {
    const notBefore = (await lane.now()) + HOUR;
    const id = await lane.accept({ notBefore });
    expect(await lane.record(id)).toMatchObject({
      ...{ status: 'delayed', nextAt: notBefore, expiresAt: notBefore + DEADLINE_MS },
    });
    expect(await scored(lane.keys.due, id)).toBe(notBefore + GRACE_MS);
  });

  test('whose notBefore has passed runs at once', async () => {
    const id = await lane.accept({ notBefore: (await lane.now()) - 1_000 });
    expect(await lane.record(id)).toMatchObject({ status: 'queued', nextAt: 0 });
  });

  test('preserves any text', async () => {
    const request = requestOf({ callId: 'a:b {c} %1 "at":0 ż 🎧', metadata: { '{"at":0': '%0 %1' } });
    const id = await lane.accept(request);
    expect(await lane.record(id)).toMatchObject({ request });
    expect(await lane.holder(request.callId)).toBe(id);
  });
});

describe('refuses', () => {
  const DAY = 24 * HOUR;
  test.each<[string, Record<string, number>, object[]]>([
    ['a start long ago', { notBefore: -61_000 }, [{ field: 'notBefore', why: 'past' }]],
    ['a deadline that has just passed', { expiresAt: -1 }, [{ field: 'expiresAt', why: 'past' }]],
    ['a deadline before it', { expiresAt: -3e12 }, [{ field: 'expiresAt', why: 'past' }]],
    ['a start too far ahead', { notBefore: 30 * DAY + 60_000 }, [{ field: 'notBefore', why: 'too-far' }]],
    ['a deadline too far ahead', { expiresAt: 30 * DAY + 60_000 }, [{ field: 'expiresAt', why: 'too-far' }]],
    [
      'both, naming both',
      { notBefore: -DAY, expiresAt: -HOUR },
      [
        { field: 'notBefore', why: 'past' },
        { field: 'expiresAt', why: 'past' },
      ],
    ],
  ])('%s, storing nothing', async (what, offsets, times) => {
    const now = await lane.now();
    const named = Object.fromEntries(Object.entries(offsets).map(([field, ms]) => [field, now + ms]));
    const id = randomUUID();
    const request = requestOf(named);
    expect(await submit(id, request, withKey(what))).toEqual({ accepted: false, why: 'bad-times', times });
    expect(await lane.store.get(id)).toBeUndefined();
    expect(await lane.holder(request.callId)).toBeNull();
    expect(await lane.store.lookUpKey(UPSTREAM, withKey(what).idempotency)).toBeUndefined();
  });

  test('a deadline of 0, which is not the same as none', async () => {
    const times = [{ field: 'expiresAt', why: 'past' }];
    expect(await submit(randomUUID(), requestOf({ expiresAt: 0 }))).toEqual({
      ...{ accepted: false, why: 'bad-times', times },
    });
  });

  test.each<[string, Record<string, number>]>([
    ['a start a moment ago, for clocks differ', { notBefore: -59_000 }],
    ['a start in 30 days', { notBefore: 30 * DAY }],
    ['a deadline in a few seconds', { expiresAt: 5_000 }],
    ['a deadline in 30 days', { expiresAt: 30 * DAY }],
  ])('but accepts %s', async (_what, offsets) => {
    const now = await lane.now();
    const named = Object.fromEntries(Object.entries(offsets).map(([field, ms]) => [field, now + ms]));
    expect(await submit(randomUUID(), requestOf(named))).toMatchObject({ accepted: true });
  });

  test('a call that another transfer holds, without storing anything', async () => {
    const request = requestOf();
    const holder = await lane.accept(request);
    const id = randomUUID();
    expect(await submit(id, request, withKey('held'))).toEqual({ accepted: false, why: 'call-held', holder });
    expect(await lane.store.get(id)).toBeUndefined();
    expect(await lane.store.lookUpKey(UPSTREAM, withKey('held').idempotency)).toBeUndefined();
  });

  test('a call that a delayed transfer holds', async () => {
    const request = requestOf({ notBefore: (await lane.now()) + HOUR });
    const holder = await lane.accept(request);
    expect(await submit(randomUUID(), request)).toEqual({ accepted: false, why: 'call-held', holder });
  });

  test('all but one of 20 concurrent submissions for one call', async () => {
    const request = requestOf();
    const all = await Promise.all(Array.from({ length: 20 }, () => submit(randomUUID(), request)));
    expect(all.filter(({ accepted }) => accepted === true)).toHaveLength(1);
    const holder = await lane.holder(request.callId);
    for (const one of all)
      if (one.accepted === false) expect(one).toEqual({ accepted: false, why: 'call-held', holder });
  });
});

test('a call is free again after the outcome, and lists its transfers, newest first', async () => {
  const request = requestOf();
  const first = await lane.accept(request);
  expect(await cancel(first)).toMatchObject({ settled: true });
  expect(await lane.redis.pttl(lane.keys.ofCall(request.callId))).toBeGreaterThan(0);
  const second = await lane.accept(request);
  const ofCall = await lane.store.ofCall(request.callId);
  expect(ofCall.map(({ record }) => record.id)).toContain(first);
  expect(ofCall.map(({ record }) => record.id)).toContain(second);
  expect(await lane.redis.pttl(lane.keys.ofCall(request.callId))).toBe(-1);
});

describe('an idempotency key', () => {
  test('with the same body gives the first answer again, and the current status', async () => {
    const request = requestOf();
    const id = randomUUID();
    await submit(id, request, withKey('k1'));
    const again = () => submit(randomUUID(), request, withKey('k1'));
    expect(await again()).toEqual({ accepted: 'before', id, status: 'queued', statusNow: 'queued' });
    await lane.begin(id);
    expect(await again()).toEqual({ accepted: 'before', id, status: 'queued', statusNow: 'active' });
    await lane.records.settle(id, settlementOf(), []);
    expect(await again()).toEqual({ accepted: 'before', id, status: 'queued', statusNow: 'transferred' });
    expect(await lane.store.ofCall(request.callId)).toHaveLength(1);
  });

  test('with another body is refused', async () => {
    const id = randomUUID();
    await submit(id, requestOf(), withKey('k2', 'one'));
    expect(await submit(randomUUID(), requestOf(), withKey('k2', 'two'))).toEqual({
      accepted: false,
      why: 'other-body',
    });
  });

  test('is looked up before the call and the deadline are checked', async () => {
    const request = requestOf({ expiresAt: (await lane.now()) + HOUR });
    const id = randomUUID();
    await submit(id, request, withKey('k3'));
    const late = { ...request, expiresAt: 1 };
    expect(await submit(randomUUID(), late, withKey('k3'))).toMatchObject({ accepted: 'before', id });
  });

  test('belongs to one API key and one route', async () => {
    const other = { type: 'apiKey', name: 'other' } as const;
    await submit(randomUUID(), requestOf(), withKey('k4'));
    expect(
      await lane.store.accept({ id: 'o-1', request: requestOf(), actor: other, ...withKey('k4', 'x') }),
    ).toMatchObject({ accepted: true });
    expect(await submit('o-2', requestOf(), withKey('k4', 'x', 'POST /batch'))).toMatchObject({
      accepted: true,
    });
  });

  test('never expires while the transfer is open, and 24 h after its outcome', async () => {
    const id = randomUUID();
    await submit(id, requestOf(), withKey('k5'));
    const key = await lane.redis.hget(lane.keys.record(id), 'idempotencyKey');
    expect(await lane.redis.pttl(key ?? '')).toBe(-1);
    await cancel(id);
    const left = await lane.redis.pttl(key ?? '');
    expect(left).toBeGreaterThan(ANSWER_MS - 10_000);
    expect(left).toBeLessThanOrEqual(ANSWER_MS);
  });

  test('outlives the record of its transfer', async () => {
    const id = randomUUID();
    await submit(id, requestOf(), withKey('k6'));
    await lane.redis.del(lane.keys.record(id));
    expect(await submit(randomUUID(), requestOf(), withKey('k6'))).toEqual({
      ...{ accepted: 'before', id, status: 'queued', statusNow: '' },
    });
    expect(await lane.store.lookUpKey(UPSTREAM, withKey('k6').idempotency)).toEqual({
      ...{ sameBody: true, id, status: 'queued' },
    });
  });
});

describe('a submission that is repeated with its id, because its answer was lost', () => {
  test('is accepted once', async () => {
    const request = requestOf();
    const id = randomUUID();
    await submit(id, request);
    const first = await lane.snapshot(id, request.callId);
    expect(await submit(id, request)).toEqual({ accepted: true, id, status: 'queued' });
    expect(await lane.snapshot(id, request.callId)).toEqual(first);
  });

  test('returns the current status of the transfer', async () => {
    const request = requestOf();
    const id = await lane.accept(request);
    await lane.begin(id);
    expect(await submit(id, request)).toEqual({ accepted: true, id, status: 'active' });
  });

  test('is accepted once although the transfer has ended meanwhile', async () => {
    const request = requestOf();
    const id = await lane.accept(request);
    await cancel(id);
    const settled = await lane.snapshot(id, request.callId);
    expect(await submit(id, request)).toEqual({ accepted: true, id, status: 'cancelled' });
    expect(await lane.snapshot(id, request.callId)).toEqual(settled);
    expect(await lane.holder(request.callId)).toBeNull();
  });
});

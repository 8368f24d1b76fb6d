import { createBudget } from '@handover/core/redis';
import type { RecordStore } from '@handover/core/transfer';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createHoldOff } from '../../packages/core/src/redis/pace/hold-off.ts';
import { createRecordStore } from '../../packages/core/src/redis/transfers/record-store.ts';
import { PLAIN } from '../support/dialect.ts';
import { deferralOf, intentOf, openTestLane, RETENTION_MS, type TestLane, WORKER } from '../support/lane.ts';
import { PATIENCE_MS, PATIENTLY } from '../support/patience.ts';

const MINUTE = 61_000;

let lane: TestLane;
beforeEach(() => {
  lane = openTestLane();
});
afterEach(() => lane.close());

const budgetOf = (requests: number, windowMs = MINUTE) =>
  createBudget(lane.redis, lane.lane, { requests, windowMs });
const recordsOf = (requests: number, windowMs = MINUTE) =>
  createRecordStore(lane.redis, lane.lane, {
    retentionMs: RETENTION_MS,
    isBilled: false,
    budget: { requests, windowMs },
    costs: PLAIN.costs,
    latestFenceMs: PATIENCE_MS,
  });

async function fenceFirst(records: RecordStore, id: string) {
  const intent = intentOf();
  return records.fence(id, 1, { intentId: intent.id, compared: '', intents: [intent] }, []);
}

/** Takes requests until refused. Returns their number, and the refusal. */
async function takeAll(requests: number) {
  const budget = budgetOf(requests);
  for (let taken = 0; ; taken += 1) {
    const refused = await budget.take();
    if (refused !== undefined) return { taken, refused };
  }
}

describe('a request', () => {
  test('is admitted while the window has room, else gets the time when it may be sent', async () => {
    const before = await lane.now();
    const { taken, refused } = await takeAll(10);
    expect(taken).toBe(10);
    expect(refused.rule).toBe('budget used up');
    expect(refused.until - before).toBeGreaterThanOrEqual(MINUTE);
    expect(refused.until - (await lane.now())).toBeLessThanOrEqual(MINUTE + 1);
    expect(await budgetOf(10).remaining()).toBe(0);
  });

  test('is admitted again once an older one has left the window', async () => {
    const budget = budgetOf(10);
    expect((await takeAll(10)).taken).toBe(10);
    const [oldest = ''] = await lane.redis.zrange(lane.keys.sent, '0', '0');
    await lane.redis.zadd(lane.keys.sent, 'XX', (await lane.now()) - MINUTE - 1, oldest);
    expect(await budget.take()).toBeUndefined();
    expect(await budget.take()).toMatchObject({ rule: 'budget used up' });
  });

  test('counts for exactly its window', async () => {
    const now = await lane.now();
    const ages = [MINUTE + 1_000, MINUTE - 20_000, MINUTE / 2];
    for (const age of ages) await lane.redis.zadd(lane.keys.sent, now - age, `${age} ms ago`);
    const { taken, refused } = await takeAll(5);
    expect(taken).toBe(3);
    expect(refused.until).toBe(now + 20_000 + 1);
  });

  test('is held by a hold-off before the budget is checked', async () => {
    const until = await createHoldOff(lane.redis, lane.keys.holdOff).raise(5_000);
    expect(await budgetOf(10).take()).toEqual({ until, rule: 'rate limited' });
    expect(await budgetOf(10).remaining()).toBe(10);
  });

  test('without a limit is neither held nor counted', async () => {
    for (let count = 0; count < 50; count += 1) expect(await budgetOf(0).take()).toBeUndefined();
    expect(await lane.redis.exists(lane.keys.sent)).toBe(0);
    expect(await budgetOf(0).remaining()).toBe(Number.POSITIVE_INFINITY);
  });

  test('leaves nothing in Redis after its window', async () => {
    await budgetOf(10).take();
    expect(await lane.redis.pttl(lane.keys.sent)).toBeLessThanOrEqual(MINUTE);
  });
});

test("the platform's reported limit overrides the configured one, in every process", async () => {
  await budgetOf(300).learn(12);
  expect(await budgetOf(300).remaining()).toBe(12);
  expect((await takeAll(300)).taken).toBe(12);
  await budgetOf(300).learn(20);
  expect((await takeAll(300)).taken).toBe(8);
  await budgetOf(300).learn(3);
  expect(await lane.redis.get(lane.keys.allowed)).toBe('10');
  const left = await lane.redis.pttl(lane.keys.allowed);
  expect(left).toBeGreaterThan(3_500_000);
});

test.each([
  ['others spend most of it', { count: 185, resetSeconds: 0 }, 120],
  ['others spend nearly all of it', { count: 302, resetSeconds: 0 }, 10],
  ['all of it is ours', { count: 5, resetSeconds: 0 }, 300],
])('after a 429, where %s', async (_, told, left) => {
  for (let taken = 0; taken < 5; taken += 1) await budgetOf(300).take();
  await budgetOf(300).leaveToOthers({ allowed: 300, ...told });
  expect(await budgetOf(300).remaining()).toBe(left - 5);
  expect((await takeAll(300)).taken).toBe(left - 5);
});

test('what is left to others is left to them for five minutes', async () => {
  await budgetOf(300).leaveToOthers({ allowed: 300, count: 180, resetSeconds: 0 });
  await budgetOf(300).learn(300);
  expect(await budgetOf(300).remaining()).toBe(120);
  const leftMs = await lane.redis.pttl(lane.keys.share);
  expect(leftMs).toBeGreaterThan(0);
  expect(leftMs).toBeLessThanOrEqual(300_000);
});

test('without a configured limit the reported one is ignored', async () => {
  await budgetOf(0).learn(1);
  expect(await budgetOf(0).take()).toBeUndefined();
  expect(await budgetOf(0).take()).toBeUndefined();
});

describe('a run', () => {
  test('begins only if the budget covers all its requests beside those in progress', async () => {
    const records = recordsOf(20);
    const ids = await Promise.all(
      Array.from({ length: 7 }, () => lane.accept({ callId: crypto.randomUUID() })),
    );
    const begun = [];
    for (const id of ids) begun.push((await records.begin(id)).begun);
    expect(begun).toEqual([true, true, true, true, true, false, false]);
    const [, , , , , sixth = ''] = ids;
    expect(await records.begin(sixth)).toMatchObject({ why: 'held', rule: 'budget used up' });
    expect(await lane.record(sixth)).toMatchObject({ status: 'queued', attempts: 0, interruptions: 0 });
  });

  test('that ended or waits frees its share', async () => {
    const records = recordsOf(10);
    const [first, second, third] = await Promise.all(
      Array.from({ length: 3 }, () => lane.accept({ callId: crypto.randomUUID() })),
    );
    const begin = async (id = '') => (await records.begin(id)).begun;
    expect([await begin(first), await begin(second), await begin(third)]).toEqual([true, true, false]);
    await records.settle(
      first ?? '',
      { guard: 'attempt', epoch: 1, outcome: { status: 'expired' }, deadLetter: false, actor: WORKER },
      [],
    );
    expect(await begin(third)).toBe(true);
  });

  test('that only checks an accepted effect needs one request', async () => {
    const records = recordsOf(5);
    const [ours, other] = [await lane.accept(), await lane.accept({ callId: crypto.randomUUID() })];
    for (const state of ['accepted', 'in-doubt'] as const) {
      const begun = await recordsOf(0).begin(ours);
      if (!begun.begun) throw new Error(begun.why);
      await records.defer(ours, begun.record.epoch, deferralOf({ intents: [intentOf({ state })] }), []);
      await budgetOf(5).take();
      await budgetOf(5).take();
      expect((await records.begin(ours)).begun, state).toBe(state === 'accepted');
      expect(await records.begin(other)).toMatchObject({ begun: false, why: 'held' });
      await lane.redis.del(lane.keys.sent, lane.keys.running);
    }
  });

  test('waits until a tenth more than it needs is free', async () => {
    const budget = budgetOf(40);
    for (let count = 0; count < 40; count += 1) await budget.take();
    const times = await lane.redis.zrange(lane.keys.sent, '0', '-1', 'WITHSCORES');
    const id = await lane.accept();
    const eighth = Number(times[2 * 7 + 1]);
    expect(await recordsOf(40).begin(id)).toMatchObject({ why: 'held', until: eighth + MINUTE + 1 });
  });

  test('that was lost is resumed, however many were lost with it', async () => {
    const records = recordsOf(300);
    const ids = [];
    for (let count = 0; count < 50; count += 1) ids.push(await lane.accept({ callId: crypto.randomUUID() }));
    for (const id of ids) expect((await records.begin(id)).begun).toBe(true);
    for (let count = 0; count < 2 * ids.length; count += 1)
      expect(await budgetOf(300).take()).toBeUndefined();
    // Half of the budget is used, and these runs reserve the other half: nothing new begins.
    expect((await records.begin(await lane.accept({ callId: crypto.randomUUID() }))).begun).toBe(false);
    for (const id of ids.slice(0, 20)) expect(await records.begin(id)).toMatchObject({ begun: true });
  });

  test('whose begin is repeated after a lost answer has begun', async () => {
    const records = recordsOf(10);
    const [first, second] = [await lane.accept(), await lane.accept({ callId: crypto.randomUUID() })];
    await records.begin(first);
    await records.begin(second);
    expect((await records.begin(second)).begun).toBe(true);
  });

  test('reserves its first request when it begins', async () => {
    await recordsOf(10).begin(await lane.accept({ callId: crypto.randomUUID() }));
    expect(await budgetOf(10).remaining()).toBe(9);
  });

  test('reserves one request for its effect, which reads of others cannot take', async () => {
    const records = recordsOf(10);
    const ids = [];
    for (let count = 0; count < 3; count += 1) ids.push(await lane.accept({ callId: crypto.randomUUID() }));
    for (const id of ids.slice(0, 2)) expect((await records.begin(id)).begun).toBe(true);
    expect((await takeAll(10)).taken).toBe(6);
    for (const id of ids.slice(0, 2)) expect(await fenceFirst(records, id)).toMatchObject({ fenced: true });
    expect(await budgetOf(10).remaining()).toBe(0);
  });

  test('with a used-up budget at its fence gets the wait time, and nothing is written', async () => {
    const records = recordsOf(10);
    const id = await lane.accept({ callId: crypto.randomUUID() });
    await records.begin(id);
    const now = await lane.now();
    const others = Array.from({ length: 9 }, (_, index) => [now, `other-${index}`]).flat();
    await lane.redis.zadd(lane.keys.sent, ...others);
    const before = await lane.store.get(id);
    expect(await fenceFirst(records, id)).toMatchObject({
      fenced: false,
      why: 'held',
      rule: 'budget used up',
    });
    expect(await lane.store.get(id)).toEqual(before);
  });

  test('with a hold-off at its fence waits for its end, without using the budget', async () => {
    const records = recordsOf(10);
    const id = await lane.accept({ callId: crypto.randomUUID() });
    await records.begin(id);
    const until = await createHoldOff(lane.redis, lane.keys.holdOff).raise(5_000);
    expect(await fenceFirst(records, id)).toEqual({
      fenced: false,
      why: 'held',
      until,
      rule: 'rate limited',
    });
    expect((await lane.record(id)).intents).toEqual([]);
    expect(await budgetOf(10).remaining()).toBe(9);
  });

  test('of a dead worker stops counting eventually', async () => {
    const records = recordsOf(10, 2_000);
    for (let count = 0; count < 2; count += 1)
      expect((await records.begin(await lane.accept({ callId: crypto.randomUUID() }))).begun).toBe(true);
    const id = await lane.accept({ callId: crypto.randomUUID() });
    await vi.waitUntil(async () => (await records.begin(id)).begun, PATIENTLY);
  });
});

test('no window exceeds its limit under concurrency', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 10, max: 15 }),
      async (asked, requests) => {
        const own = openTestLane();
        const windowMs = 30;
        const budget = createBudget(own.redis, own.lane, { requests, windowMs });
        const sent: [from: number, to: number][] = [];
        for (let round = 0; round < 3; round += 1) {
          await Promise.all(
            Array.from({ length: asked }, async () => {
              const from = performance.now();
              if ((await budget.take()) === undefined) sent.push([from, performance.now()]);
            }),
          );
        }
        await own.close();
        // Certainly sent within less than the window.
        for (const [start] of sent) {
          const within = sent.filter(([from, to]) => from >= start && to < start + windowMs - 1);
          expect(within.length).toBeLessThanOrEqual(requests);
        }
      },
    ),
    { numRuns: 30 },
  );
});

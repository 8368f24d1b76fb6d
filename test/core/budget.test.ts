import { createBudget } from '@handover/core/queue';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createHoldOff } from '../../packages/core/src/queue/hold-off.ts';
import { createJournal } from '../../packages/core/src/queue/journal.ts';
import { openTestLane, RETENTION_MS, type TestLane, WORKER } from './lane.ts';

const MINUTE = 61_000;

let lane: TestLane;
beforeEach(() => {
  lane = openTestLane();
});
afterEach(() => lane.close());

const budgetOf = (requests: number, windowMs = MINUTE) =>
  createBudget(lane.redis, lane.lane, { requests, windowMs });
const journalOf = (requests: number, windowMs = MINUTE) =>
  createJournal(lane.redis, lane.lane, {
    retentionMs: RETENTION_MS,
    isBilled: false,
    budget: { requests, windowMs },
  });

/** Takes until it is refused. Gives how many it got, and the refusal. */
async function takeAll(kind: 'read' | 'effect', requests: number) {
  const budget = budgetOf(requests);
  for (let taken = 0; ; taken += 1) {
    const refused = await budget.take(kind);
    if (refused !== undefined) return { taken, refused };
  }
}

describe('a request', () => {
  test('may be sent as long as the window holds fewer, and is told when it may go', async () => {
    const before = await lane.now();
    const { taken, refused } = await takeAll('effect', 10);
    expect(taken).toBe(10);
    expect(refused.rule).toBe('budget used up');
    expect(refused.until - before).toBeGreaterThanOrEqual(MINUTE);
    expect(refused.until - (await lane.now())).toBeLessThanOrEqual(MINUTE + 1);
    expect(await budgetOf(10).remaining()).toBe(0);
  });

  test('may be sent again once an older one has left the window', async () => {
    const budget = budgetOf(10, 200);
    const first = await lane.now();
    for (let count = 0; count < 10; count += 1) expect(await budget.take('read')).toBeUndefined();
    expect(await budget.take('read')).toMatchObject({ rule: 'budget used up' });
    await vi.waitUntil(async () => (await budget.take('read')) === undefined, { interval: 5 });
    expect((await lane.now()) - first).toBeGreaterThanOrEqual(200);
  });

  test('is held by a hold-off before the budget is looked at', async () => {
    const until = await createHoldOff(lane.redis, lane.keys.holdOff).raise(5_000);
    expect(await budgetOf(10).take('effect')).toEqual({ until, rule: 'rate limited' });
    expect(await budgetOf(10).remaining()).toBe(10);
  });

  test('without a limit is neither held nor counted', async () => {
    for (let count = 0; count < 50; count += 1) expect(await budgetOf(0).take('read')).toBeUndefined();
    expect(await lane.redis.exists(lane.keys.sent)).toBe(0);
    expect(await budgetOf(0).remaining()).toBe(Number.POSITIVE_INFINITY);
  });

  test('leaves nothing in Redis once its window is over', async () => {
    await budgetOf(10).take('read');
    expect(await lane.redis.pttl(lane.keys.sent)).toBeLessThanOrEqual(MINUTE);
  });
});

test("the platform's own word goes before the configured limit, in every process", async () => {
  await budgetOf(300).learn(12);
  expect(await budgetOf(300).remaining()).toBe(12);
  expect((await takeAll('effect', 300)).taken).toBe(12);
  await budgetOf(300).learn(20);
  expect((await takeAll('effect', 300)).taken).toBe(8);
  const left = await lane.redis.pttl(lane.keys.allowed);
  expect(left).toBeGreaterThan(3_500_000);
});

test('with no limit of ours the word of the platform sets none', async () => {
  await budgetOf(0).learn(1);
  expect(await budgetOf(0).take('read')).toBeUndefined();
  expect(await budgetOf(0).take('read')).toBeUndefined();
});

describe('a run', () => {
  test('begins only where the budget bears all its requests beside those under way', async () => {
    const journal = journalOf(20);
    const ids = await Promise.all(
      Array.from({ length: 7 }, () => lane.accept({ callId: crypto.randomUUID() })),
    );
    const begun = [];
    for (const id of ids) begun.push((await journal.begin(id)).begun);
    expect(begun).toEqual([true, true, true, true, true, false, false]);
    const [, , , , , sixth = ''] = ids;
    expect(await journal.begin(sixth)).toMatchObject({ why: 'held', rule: 'budget used up' });
    expect(await lane.record(sixth)).toMatchObject({ status: 'queued', attempts: 0, interruptions: 0 });
  });

  test('that ended or waits makes room for the next', async () => {
    const journal = journalOf(10);
    const [first, second, third] = await Promise.all(
      Array.from({ length: 3 }, () => lane.accept({ callId: crypto.randomUUID() })),
    );
    const begin = async (id = '') => (await journal.begin(id)).begun;
    expect([await begin(first), await begin(second), await begin(third)]).toEqual([true, true, false]);
    await journal.settle(
      first ?? '',
      { guard: 'attempt', epoch: 1, outcome: { status: 'expired' }, deadLetter: false, actor: WORKER },
      [],
    );
    expect(await begin(third)).toBe(true);
  });

  test('waits until a tenth more than it needs has left the window', async () => {
    const budget = budgetOf(40);
    for (let count = 0; count < 40; count += 1) await budget.take('effect');
    const times = await lane.redis.zrange(lane.keys.sent, '0', '-1', 'WITHSCORES');
    const id = await lane.accept();
    const eighth = Number(times[2 * 7 + 1]);
    expect(await journalOf(40).begin(id)).toMatchObject({ why: 'held', until: eighth + MINUTE + 1 });
  });

  test('keeps one request for its effect: reads of others cannot take it', async () => {
    const journal = journalOf(10);
    for (let count = 0; count < 2; count += 1)
      expect((await journal.begin(await lane.accept({ callId: crypto.randomUUID() }))).begun).toBe(true);
    expect((await takeAll('read', 10)).taken).toBe(8);
    expect((await takeAll('effect', 10)).taken).toBe(2);
  });

  test('of a worker that died is not counted for ever', async () => {
    const journal = journalOf(10, 100);
    for (let count = 0; count < 2; count += 1)
      expect((await journal.begin(await lane.accept({ callId: crypto.randomUUID() }))).begun).toBe(true);
    const id = await lane.accept({ callId: crypto.randomUUID() });
    await vi.waitUntil(async () => (await journal.begin(id)).begun, { interval: 5 });
  });
});

test('whatever is asked, in any order and by many at once, no window ever holds more than its limit', async () => {
  const kinds = fc.array(fc.constantFrom('read' as const, 'effect' as const), {
    minLength: 1,
    maxLength: 40,
  });
  await fc.assert(
    fc.asyncProperty(kinds, fc.integer({ min: 10, max: 15 }), async (asked, requests) => {
      const own = openTestLane();
      const windowMs = 30;
      const budget = createBudget(own.redis, own.lane, { requests, windowMs });
      const sent: [from: number, to: number][] = [];
      for (let round = 0; round < 3; round += 1) {
        await Promise.all(
          asked.map(async (kind) => {
            const from = performance.now();
            if ((await budget.take(kind)) === undefined) sent.push([from, performance.now()]);
          }),
        );
      }
      await own.close();
      // Sent for sure within a span shorter than the window.
      for (const [start] of sent) {
        const within = sent.filter(([from, to]) => from >= start && to < start + windowMs - 1);
        expect(within.length).toBeLessThanOrEqual(requests);
      }
    }),
    { numRuns: 30 },
  );
});

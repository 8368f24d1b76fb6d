import { randomUUID } from 'node:crypto';
import { type QualityQuery, type QualityRow, qualityOf, reportQuality } from '@handover/core/reports';
import type { Outcome, TransferRequest } from '@handover/core/transfer';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { deferralOf, failure, openTestLane, parked, settlementOf, type TestLane } from '../support/lane.ts';
import { startOwnRedis } from '../support/own-redis.ts';
import { deleteKeys } from '../support/world.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let lane: TestLane;
beforeAll(() => {
  lane = openTestLane();
});
afterEach(() => deleteKeys(lane.redis, lane.prefix));
afterAll(() => lane.close());

const MOVED: Outcome = { status: 'transferred', isFallback: true };
const REJECTED: Outcome = { status: 'rejected', reason: 'call-ended' };

async function end(outcome: Outcome, given: Partial<TransferRequest> = {}, conflicts = 0): Promise<string> {
  const id = await lane.accept(given);
  const epoch = await lane.begin(id);
  const deadLetter = outcome.status === 'failed';
  await lane.records.settle(
    id,
    settlementOf({ guard: 'attempt', epoch, outcome, conflicts, deadLetter }),
    [],
  );
  return id;
}

async function report(query: QualityQuery) {
  const answer = await reportQuality(lane.counters, query);
  if ('refused' in answer) throw new Error(answer.refused.message);
  return answer;
}

const names = (rows: QualityRow[] = []) => rows.map((row) => ('id' in row ? row.id : row.at));
const reportKeys = async (of: string) => (await lane.redis.keys(`${lane.keys.report}:*:${of}`)).sort();

test('an outcome counts overall, for its queue, its agent and its key, in its hour and its day', async () => {
  await end(MOVED, { userId: 'ann' }, 2);
  await end(failure, { userId: 'ann', target: { type: 'queue', id: 'two words' } });
  await end(REJECTED, { userId: 'bob', target: { type: 'user', id: 'carl' } });
  const all = {
    transferred: 1,
    fallbackUsed: 1,
    failed: 1,
    rejected: 1,
    'rejected:call-ended': 1,
    etagConflicts: 2,
  };
  for (const by of ['hour', 'day'] as const) {
    const { counts, rows, incomplete } = await report({ by });
    expect(counts).toMatchObject(all);
    for (const at of names(rows)) expect(Number(at) % (by === 'hour' ? HOUR : DAY)).toBe(0);
    expect(incomplete).toBeUndefined();
  }
  const queues = await report({ by: 'queue' });
  expect(names(queues.rows)).toEqual(['support', 'two words']);
  // The transfer to a user is in no queue.
  expect(queues.counts).not.toHaveProperty('rejected');
  const agents = await report({ by: 'agent' });
  expect(names(agents.rows)).toEqual(['ann', 'bob']);
  expect(qualityOf(agents.rows?.[0]?.counts ?? {})).toMatchObject({
    ...{ successful: 1, failed: 1, successRate: 50, fallbackRate: 100, etagConflicts: 2 },
  });
  expect(names((await report({ by: 'key' })).rows)).toEqual(['crm']);
  expect((await report({ queue: 'two words' })).counts).toEqual({
    failed: 1,
    'failed:platform-unavailable': 1,
  });
  expect((await report({ agent: 'bob', by: 'hour' })).counts).toEqual({
    rejected: 1,
    'rejected:call-ended': 1,
  });
  expect((await report({ key: 'crm', by: 'key' })).counts).toMatchObject(all);
  expect((await report({ agent: 'nobody' })).counts).toEqual({});
  expect((await report({})).counts).toMatchObject(all);
});

test('conflicts of a run that only waits count at once', async () => {
  const id = await lane.accept({ userId: 'ann' });
  await lane.records.defer(id, await lane.begin(id), deferralOf({ conflicts: 3 }), []);
  expect((await report({ agent: 'ann' })).counts).toEqual({ etagConflicts: 3 });
  expect((await report({ by: 'day' })).counts).toEqual({ etagConflicts: 3 });
});

test('a replayed transfer took as long as from its replay: waiting for a person is no time of ours', async () => {
  const id = await lane.accept({ callId: 'replayed' });
  await lane.records.settle(id, settlementOf({ outcome: failure, deadLetter: true }), []);
  await lane.redis.hset(lane.keys.record(id), 'acceptedAt', (await lane.now()) - 3_600_000);
  await lane.store.replay(id, { type: 'operator', name: 'olga' }, 'again');
  await lane.records.settle(id, settlementOf({ outcome: MOVED }), []);
  const { counts } = await report({});
  expect(counts).toMatchObject({ transferred: 1, failed: 1, timed: 1 });
  expect(qualityOf(counts).averageMs).toBeLessThan(3_000_000);
});

test('what an operator resolved took no time of ours', async () => {
  const id = await parked(lane, { callId: 'resolved' });
  await lane.records.settle(id, settlementOf({ guard: 'operator', outcome: MOVED }), []);
  const { counts } = await report({});
  expect(counts.transferred).toBe(1);
  expect(qualityOf(counts)).not.toHaveProperty('averageMs');
});

test('minutes of two hours are counted over all, with how long a transfer took from when it was to begin', async () => {
  const now = await lane.now();
  const early = await lane.accept({ callId: 'early' });
  await lane.redis.hset(lane.keys.record(early), 'acceptedAt', now - 60_000);
  const waited = await lane.accept({ callId: 'waited' });
  const request = JSON.parse((await lane.redis.hget(lane.keys.record(waited), 'request')) ?? '');
  await lane.redis.hset(lane.keys.record(waited), {
    acceptedAt: now - 3_600_000,
    request: JSON.stringify({ ...request, notBefore: now - 20_000 }),
  });
  for (const id of [early, waited]) await lane.records.settle(id, settlementOf({ outcome: MOVED }), []);
  await end(REJECTED);
  const { rows = [], counts, range } = await report({ by: 'minute' });
  expect(counts).toMatchObject({ transferred: 2, timed: 2, rejected: 1 });
  expect(qualityOf(counts).averageMs).toBeGreaterThanOrEqual(40_000);
  expect(qualityOf(counts).averageMs).toBeLessThan(60_000);
  expect(qualityOf({ rejected: 1 })).not.toHaveProperty('averageMs');
  for (const at of names(rows)) expect(Number(at) % 60_000).toBe(0);
  expect((range?.to ?? 0) - (range?.from ?? 0)).toBeLessThanOrEqual(2 * HOUR + 120_000);
  const [minute = ''] = (await reportKeys('all')).filter((key) => key.includes(':minute:'));
  expect(await lane.redis.pexpiretime(minute)).toBe(Number(minute.split(':').at(-2)) + 60_000 + 2 * HOUR);
  expect((await reportKeys('agent')).filter((key) => key.includes(':minute:'))).toEqual([]);
  expect(await reportQuality(lane.counters, { by: 'minute', agent: 'ann' })).toMatchObject({
    refused: { field: 'by', message: expect.stringContaining('not by agent') },
  });
});

test('a replayed failure stays counted, its next outcome counts too, and the replay is told', async () => {
  const id = await end(failure, { userId: 'ann' });
  await lane.store.replay(id, { type: 'operator', name: 'olga' }, 'again');
  await lane.records.settle(id, settlementOf({ outcome: MOVED }), []);
  for (const query of [{}, { by: 'hour' }, { agent: 'ann' }] as const)
    expect((await report(query)).counts, JSON.stringify(query)).toMatchObject({
      ...{ failed: 1, transferred: 1, replayed: 1 },
    });
});

test('an unreadable job counts overall', async () => {
  await lane.store.recordUnreadable('garbage', 'no id', { type: 'worker', name: 'w' }, 1_000);
  expect((await report({ by: 'day' })).counts).toEqual({ failed: 1, 'failed:unreadable-job': 1 });
});

test('many notes are added up in steps, each once', async () => {
  const note = { at: await lane.now(), of: { agent: 'ann' }, counts: { transferred: 1 } };
  const notes = Array.from({ length: 1_201 }, () => JSON.stringify(note));
  await lane.redis.rpush(`${lane.keys.report}:noted`, ...notes);
  expect((await report({})).counts).toEqual({ transferred: 1_201 });
  await lane.redis.rpush(`${lane.keys.report}:noted`, ...notes);
  const readers = await Promise.all([report({}), report({ agent: 'ann' }), report({})]);
  for (const { counts } of [...readers, await report({})]) expect(counts).toEqual({ transferred: 2_402 });
});

test('a note that cannot be read refuses no settlement and no report', async () => {
  await lane.redis.rpush(`${lane.keys.report}:noted`, 'nonsense', '{"counts":{"failed":1}}');
  await end(MOVED);
  expect((await report({ by: 'day' })).counts).toMatchObject({ transferred: 1, fallbackUsed: 1 });
});

test('while Redis refuses writes, the report shows what is added up', async () => {
  const own = await startOwnRedis();
  const lone = openTestLane({ url: own.url });
  try {
    const move = async () => {
      await lone.records.settle(
        await lone.accept({ callId: randomUUID() }),
        settlementOf({ outcome: MOVED }),
        [],
      );
      return lone.redis.llen(`${lone.keys.report}:noted`);
    };
    expect(await move()).toBe(1);
    expect(await lone.report()).toMatchObject({ transferred: 1 });
    expect(await move()).toBe(1);
    await lone.redis.config('SET', 'min-replicas-to-write', '1');
    expect(await lone.report()).toMatchObject({ transferred: 1 });
    await lone.redis.config('SET', 'min-replicas-to-write', '0');
    expect(await lone.report()).toMatchObject({ transferred: 2 });
  } finally {
    await lone.close();
    await own.stop();
  }
});

test('hours are kept 35 days after their end, days 400', async () => {
  await end(MOVED);
  await report({});
  for (const of of ['all', 'queue', 'agent', 'key']) {
    const [day = '', hour = ''] = (await reportKeys(of)).filter((key) => !key.includes(':minute:'));
    expect([day.split(':').at(-3), hour.split(':').at(-3)]).toEqual(['day', 'hour']);
    const expiry = (key: string) => lane.redis.pexpiretime(key);
    expect(await expiry(hour)).toBe(Number(hour.split(':').at(-2)) + HOUR + 35 * DAY);
    expect(await expiry(day)).toBe(Number(day.split(':').at(-2)) + DAY + 400 * DAY);
  }
});

test('a range is widened to whole hours, or to whole days if it consists of them or hours are gone', async () => {
  const { settledAt } = await lane.record(await end(MOVED));
  const hour = settledAt - (settledAt % HOUR);
  const day = settledAt - (settledAt % DAY);
  const ranged = async (query: QualityQuery) => (await report(query)).range;
  expect(await ranged({ from: hour + 1, to: hour + 2 })).toEqual({ from: hour, to: hour + HOUR });
  expect(await ranged({ from: day, to: day + DAY })).toEqual({ from: day, to: day + DAY });
  expect(await ranged({ from: day + 1, to: day + 2, by: 'day' })).toEqual({ from: day, to: day + DAY });
  expect((await report({ from: hour, to: hour + 1 })).counts).toMatchObject({ transferred: 1 });
  expect((await report({ from: hour - HOUR, to: hour - 1 })).counts).toEqual({});
  const old = hour - 40 * DAY + 1;
  expect(await ranged({ from: old, to: hour })).toMatchObject({ from: old - (old % DAY) });
});

test('with a beginning there is a row for every hour or day, also without outcomes', async () => {
  const { settledAt } = await lane.record(await end(MOVED));
  const day = settledAt - (settledAt % DAY);
  const { rows } = await report({ from: day - 2 * DAY, to: day + 5 * DAY, by: 'day' });
  expect(names(rows).slice(0, 3)).toEqual([day - 2 * DAY, day - DAY, day]);
  expect(rows?.slice(0, 3).map(({ counts }) => counts.transferred ?? 0)).toEqual([0, 0, 1]);
});

test('what is no longer kept is said, and a range of a thousand years is bounded', async () => {
  const hours = await report({ from: 0, to: Number.MAX_SAFE_INTEGER, by: 'hour' });
  expect(hours.rows?.length).toBeLessThanOrEqual(35 * 24 + 1);
  expect(hours.incomplete).toMatch(
    /^Counts by hour are kept for 35 days: what ended before .+Z is missing\.$/,
  );
  expect((await report({ from: 0 })).incomplete).toMatch(/by day are kept for 400 days/);
});

test('a Redis of an older version says since when hours and days are counted', async () => {
  await lane.redis.hset(lane.keys.report, 'transferred', 7);
  await end(MOVED);
  expect((await report({})).counts).toMatchObject({ transferred: 8 });
  const { counts, incomplete } = await report({ by: 'day' });
  expect(counts).toMatchObject({ transferred: 1, fallbackUsed: 1 });
  expect(incomplete).toMatch(/^Hours and days are counted since \d{4}-.+Z: what ended before is only/);
  const now = await lane.now();
  expect((await report({ from: now + DAY })).incomplete).toBeUndefined();
});

test.each<[QualityQuery, string]>([
  [{ queue: 'a', agent: 'b' }, 'agent'],
  [{ agent: 'b', key: 'c', by: 'day' }, 'key'],
  [{ queue: 'a', by: 'agent' }, 'by'],
  [{ key: 'a', by: 'queue' }, 'key'],
])('%j combines two dimensions and is refused in words', async (query, field) => {
  const answer = await reportQuality(lane.counters, query);
  expect(answer).toMatchObject({ refused: { field, message: expect.stringContaining('counted by itself') } });
});

import { randomUUID } from 'node:crypto';
import { createIndexUpkeep, createTransferListStore } from '@handover/core/redis';
import type { Outcome, TransferFilter, TransferRecord } from '@handover/core/transfer';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  deferralOf,
  intentOf,
  openTestLane,
  RETENTION_MS,
  requestOf,
  settlementOf,
  type TestLane,
  UPSTREAM,
  WORKER,
} from '../support/lane.ts';

const EVER = { from: Number.MIN_SAFE_INTEGER, to: Number.MAX_SAFE_INTEGER, after: undefined, limit: 100 };
const FAILED: Outcome = { status: 'failed', reason: 'conflict' };

let lane: TestLane;
let list: ReturnType<typeof createTransferListStore>;
let upkeep: ReturnType<typeof createIndexUpkeep>;
beforeEach(() => {
  lane = openTestLane();
  list = createTransferListStore(lane.redis, lane.lane);
  upkeep = createIndexUpkeep(lane.redis, lane.lane, { retentionMs: RETENTION_MS });
});
afterEach(() => lane.close());

const idsOf = (records: TransferRecord[]) => records.map(({ id }) => id);
const listed = async (filter: TransferFilter = {}, more: Partial<typeof EVER> = {}) =>
  idsOf((await list.page(filter, { ...EVER, ...more })).items);
/** For transfers that may have been accepted in the same millisecond. */
const found = async (filter?: TransferFilter) => new Set(await listed(filter));

async function ended(outcome: Outcome, given: Parameters<typeof requestOf>[0] = {}): Promise<string> {
  const id = await lane.accept(given);
  const epoch = await lane.begin(id);
  const deadLetter = outcome.status === 'failed';
  await lane.records.settle(id, settlementOf({ guard: 'attempt', epoch, outcome, deadLetter }), []);
  return id;
}

/** Every index that names this transfer. */
async function indexesWith(id: string): Promise<string[]> {
  const keys = await lane.redis.keys(`${lane.prefix.replaceAll(/[{}]/g, '?')}:live:index:*`);
  const scores = await Promise.all(keys.map((key) => lane.redis.zscore(key, id)));
  return keys
    .filter((_, place) => scores[place] !== null)
    .map((key) => key.split(':index:')[1] ?? '')
    .sort();
}

/** Sets the time of acceptance, in the record and in every index. */
async function acceptedAt(id: string, at: number): Promise<void> {
  await lane.redis.hset(lane.keys.record(id), 'acceptedAt', at);
  for (const name of await indexesWith(id))
    await lane.redis.zadd(`${lane.prefix}:live:index:${name}`, at, id);
}

/** Removes what this version writes, as if an older one had done it. */
async function forgetIndexes(id: string): Promise<void> {
  for (const name of await indexesWith(id)) await lane.redis.zrem(`${lane.prefix}:live:index:${name}`, id);
  await lane.redis.srem(lane.keys.unindexed, id);
}

describe('filters', () => {
  test('each finds what it names, and several must all match', async () => {
    const open = await lane.accept({ userId: 'ann', callId: 'call-1' });
    const moved = await ended({ status: 'transferred' }, { userId: 'ann', callId: 'call-2' });
    const failed = await ended(FAILED, { userId: 'bob', target: { type: 'user', id: 'carl' } });
    const other = randomUUID();
    const actor = { type: 'apiKey', name: 'ivr' } as const;
    await lane.store.accept({ id: other, request: requestOf({ userId: 'bob' }), actor });
    await lane.begin(other);

    expect(await found()).toEqual(new Set([other, failed, moved, open]));
    expect(await listed({ callId: 'call-1' })).toEqual([open]);
    expect(await found({ agent: 'ann' })).toEqual(new Set([moved, open]));
    expect(await listed({ target: 'carl' })).toEqual([failed]);
    expect(await listed({ key: 'ivr' })).toEqual([other]);
    expect(await found({ key: UPSTREAM.name })).toEqual(new Set([failed, moved, open]));
    expect(await listed({ status: 'transferred' })).toEqual([moved]);
    expect(await listed({ status: 'queued' })).toEqual([open]);
    expect(await listed({ status: 'active' })).toEqual([other]);
    expect(await listed({ reason: 'conflict' })).toEqual([failed]);
    expect(await listed({ agent: 'bob', status: 'failed', key: UPSTREAM.name })).toEqual([failed]);
    expect(await listed({ agent: 'ann', status: 'failed' })).toEqual([]);
    expect(await listed({ agent: 'nobody' })).toEqual([]);
  });

  test('an unconfirmed transfer is found by its status, also when parked, until it has an outcome', async () => {
    const id = await lane.accept();
    await lane.accept();
    const epoch = await lane.begin(id);
    const intent = intentOf();
    await lane.records.fence(id, epoch, { intentId: intent.id, compared: '', intents: [intent] }, []);
    const intents = [{ ...intent, state: 'in-doubt' as const }];
    await lane.records.defer(id, epoch, { ...deferralOf(), status: 'unconfirmed', intents }, []);
    expect(await listed({ status: 'unconfirmed' })).toEqual([id]);
    const again = await lane.begin(id);
    const parking = { ...deferralOf(), status: 'unconfirmed' as const, intents, parked: true };
    await lane.records.defer(id, again, parking, []);
    expect(await listed({ status: 'unconfirmed' })).toEqual([id]);
    await lane.records.settle(id, settlementOf({ guard: 'operator', outcome: FAILED }), []);
    expect(await listed({ status: 'unconfirmed' })).toEqual([]);
    expect(await indexesWith(id)).not.toContain('unconfirmed');
  });

  test('an unreadable job is listed by its outcome', async () => {
    await lane.store.recordUnreadable('garbage', 'no JSON', WORKER, RETENTION_MS);
    expect(await listed()).toEqual(['garbage']);
    expect(await listed({ status: 'failed', reason: 'unreadable-job' })).toEqual(['garbage']);
  });

  test('a range is half-open, by acceptance', async () => {
    const [first, second, third] = [await lane.accept(), await lane.accept(), await lane.accept()];
    for (const [place, id] of [first, second, third].entries()) await acceptedAt(id, 1_000 * (place + 1));
    expect(await listed({}, { from: 1_000, to: 3_000 })).toEqual([second, first]);
    expect(await listed({ status: 'queued' }, { from: 1_001, to: 3_001 })).toEqual([third, second]);
    // Also for a cursor from before the range.
    expect(await listed({}, { from: 2_000, after: { at: 1_000, id: 'x' } } as never)).toEqual([]);
  });
});

describe('pages', () => {
  /** All pages of a list, and how many there were. */
  async function walk(filter: TransferFilter, limit: number) {
    const found: string[] = [];
    let after: { at: number; id: string } | undefined;
    for (let pages = 1; ; pages += 1) {
      const page = await list.page(filter, { ...EVER, after, limit });
      found.push(...idsOf(page.items));
      after = page.next;
      if (after === undefined) return { found, pages };
    }
  }

  test('go on after their last item, also within one millisecond, and in another index', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 12; count += 1)
      ids.push(await lane.accept({ userId: count % 2 === 0 ? 'even' : 'odd' }));
    for (const [place, id] of ids.entries()) await acceptedAt(id, place < 9 ? 5_000 : 6_000);
    const all = [...ids.slice(9).sort().reverse(), ...ids.slice(0, 9).sort().reverse()];
    for (const limit of [1, 2, 5, 12, 13]) expect((await walk({}, limit)).found, `${limit}`).toEqual(all);
    const even = all.filter((id) => ids.indexOf(id) % 2 === 0);
    expect((await walk({ agent: 'even' }, 2)).found).toEqual(even);
    // The cursor names an item that this index does not have.
    const after = { at: 5_000, id: all[5] ?? '' };
    expect(await listed({ agent: 'even' }, { after } as never)).toEqual(
      even.filter((id) => all.indexOf(id) > 5),
    );
  });

  test('the last one has no next; one that ends exactly at the limit neither', async () => {
    for (let count = 0; count < 3; count += 1) await lane.accept();
    expect(await walk({}, 3)).toMatchObject({ pages: 1 });
    expect(await walk({}, 2)).toMatchObject({ pages: 2 });
  });

  test('one that looked at 100 ends, empty if need be, and the next goes on', async () => {
    const wanted = await ended(FAILED, { userId: 'ann' });
    await acceptedAt(wanted, 1);
    // As if each had been accepted and settled.
    const many = Array.from({ length: 250 }, (_, place) => [place + 2, `t-${place}`]).flat();
    await lane.redis.zadd(lane.keys.ofAgent('ann'), ...many);
    await lane.redis.zadd(
      lane.keys.ofStatus('failed'),
      ...many.map((one) => (typeof one === 'string' ? `x${one}` : one)),
    );
    const first = await list.page({ agent: 'ann', status: 'failed' }, EVER);
    expect(first).toMatchObject({ items: [], next: { at: 152 } });
    expect(await walk({ agent: 'ann', status: 'failed' }, 100)).toEqual({ found: [wanted], pages: 3 });
  });

  test('one may be as long as it is asked to be', async () => {
    const many = Array.from({ length: 400 }, (_, place) => [place, `t-${place}`]).flat();
    await lane.redis.zadd(lane.keys.all, ...many);
    const { next } = await list.page({}, { ...EVER, limit: 399 });
    expect(next).toEqual({ at: 1, id: 't-1' });
  });

  test('a record that is gone is left out', async () => {
    const [kept, gone] = [await lane.accept(), await lane.accept()];
    await lane.redis.del(lane.keys.record(gone));
    expect(await listed()).toEqual([kept]);
    expect(await listed({ status: 'queued' })).toEqual([kept]);
  });
});

describe('what happens to an outcome', () => {
  test('a replay takes it out of its indexes, and the next outcome goes in', async () => {
    const id = await ended(FAILED);
    expect(await indexesWith(id)).toEqual([
      ...['agent:agent', 'all', `key:${UPSTREAM.name}`, 'reason:conflict', 'status:failed', 'target:support'],
    ]);
    await lane.store.replay(id, WORKER, 'again');
    expect(await indexesWith(id)).toEqual([
      'agent:agent',
      'all',
      `key:${UPSTREAM.name}`,
      'open',
      'target:support',
    ]);
    expect(await listed({ status: 'failed' })).toEqual([]);
    expect(await listed({ status: 'queued' })).toEqual([id]);
    const epoch = await lane.begin(id);
    await lane.records.settle(id, settlementOf({ guard: 'attempt', epoch }), []);
    expect(await listed({ status: 'transferred' })).toEqual([id]);
    expect(await indexesWith(id)).not.toContain('open');
  });

  test('a contradiction leaves it listed under the outcome that it has, and the record says when', async () => {
    const id = await ended({ status: 'expired' });
    await lane.records.settle(id, settlementOf({ guard: 'seen' }), []);
    expect(await listed({ status: 'expired' })).toEqual([id]);
    expect(await listed({ status: 'transferred' })).toEqual([]);
    expect((await lane.record(id)).contradictedAt).toBeGreaterThan(0);
    await lane.store.replay(id, WORKER, 'again');
    expect((await lane.record(id)).contradictedAt).toBe(0);
  });
});

describe('upkeep', () => {
  test('entries go with their records; younger ones and those of open transfers stay', async () => {
    const [gone, open, young] = [await ended(FAILED), await lane.accept(), await lane.accept()];
    const long = (await lane.now()) - RETENTION_MS - 1;
    for (const id of [gone, open]) await acceptedAt(id, long);
    await lane.redis.del(lane.keys.record(gone), lane.keys.record(young));
    await upkeep.trim();
    expect(await indexesWith(gone)).toEqual([]);
    expect(await indexesWith(open)).toContain('open');
    expect(await indexesWith(young)).toContain('all');
  });

  test('an index that is empty is no longer visited', async () => {
    const id = await lane.accept({ userId: 'ann' });
    await acceptedAt(id, 1);
    expect(await lane.redis.zrange(lane.keys.indexes, '0', '-1')).toContain(lane.keys.ofAgent('ann'));
    await lane.redis.del(lane.keys.record(id));
    await upkeep.trim();
    expect(await lane.redis.exists(lane.keys.indexes)).toBe(0);
  });

  test('many old transfers that are still open do not hide what follows', async () => {
    const [open, gone] = [450, 300];
    const entries = Array.from({ length: open + gone }, (_, place) => [place + 1, `t-${place}`]).flat();
    await lane.redis.zadd(lane.keys.all, ...entries);
    const kept = Array.from({ length: open }, (_, place) => lane.keys.record(`t-${place}`));
    await lane.redis.mset(...kept.flatMap((key) => [key, 'a record']));
    await upkeep.trim();
    expect(await lane.redis.zcard(lane.keys.all)).toBe(open);
  });

  test('an open transfer that an older version accepted is indexed', async () => {
    const id = await lane.accept({ userId: 'ann' });
    const indexed = await indexesWith(id);
    await forgetIndexes(id);
    expect(await listed({ callId: (await lane.record(id)).request?.callId })).toEqual([id]);
    expect(await listed({ agent: 'ann' })).toEqual([]);
    await upkeep.indexMissing();
    expect(await indexesWith(id)).toEqual(indexed);
    expect(await listed({ agent: 'ann' })).toEqual([id]);
  });

  test('one that an older version accepted and this one settled too; and a dead letter of an older one', async () => {
    const [accepted, dead] = [await lane.accept(), await ended(FAILED)];
    await forgetIndexes(accepted);
    await forgetIndexes(dead);
    const epoch = await lane.begin(accepted);
    await lane.records.settle(
      accepted,
      settlementOf({ guard: 'attempt', epoch, outcome: { status: 'expired' } }),
      [],
    );
    await upkeep.indexMissing();
    expect(await found()).toEqual(new Set([dead, accepted]));
    expect(await listed({ status: 'expired' })).toEqual([accepted]);
    expect(await listed({ status: 'failed', reason: 'conflict' })).toEqual([dead]);
    expect(await lane.redis.exists(lane.keys.unindexed)).toBe(0);
  });

  test('one that this version accepted and an older one settled', async () => {
    const id = await ended({ status: 'rejected', reason: 'call-ended' });
    const indexed = await indexesWith(id);
    for (const index of [lane.keys.ofStatus('rejected'), lane.keys.ofReason('call-ended')])
      await lane.redis.zrem(index, id);
    await lane.redis.zadd(lane.keys.openIndex, 1, id);
    await upkeep.indexMissing();
    expect(await indexesWith(id)).toEqual(indexed);
  });
});

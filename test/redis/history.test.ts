import { writeHistory } from '@handover/core/history';
import {
  createAuditStore,
  createBillingStore,
  createPending,
  createRecordStore,
  historyLag,
} from '@handover/core/redis';
import { reportQuality } from '@handover/core/reports';
import type { Outcome, TransferRequest } from '@handover/core/transfer';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { type History, openHistory } from '../../packages/core/src/history/postgres.ts';
import { billOf } from '../http/billing-data.ts';
import { failure, openTestLane, RETENTION_MS, settlementOf, type TestLane } from '../support/lane.ts';
import { PATIENTLY } from '../support/patience.ts';
import { freePort } from '../support/ports.ts';
import { type Database, openDatabase } from '../support/postgres.ts';
import { ask } from '../support/postgres-server.ts';
import { createSubject, requestFor } from '../support/subject.ts';
import { deleteKeys, openWorld } from '../support/world.ts';

const MOVED: Outcome = { status: 'transferred', isFallback: true, confirmedBy: 'answer' };
const OLGA = { type: 'operator', name: 'olga' } as const;

describe.skipIf(inject('noDatabase') !== '')('the history', () => {
  let database: Database;
  let lane: TestLane;
  let history: History;
  beforeAll(async () => {
    database = await openDatabase();
    history = historyAt(database.url);
    lane = openTestLane();
  });
  beforeEach(async () => {
    await history.transfer('no-such');
    await ask(database.url, 'TRUNCATE handover_transfers, handover_bills, handover_audit');
  });
  afterEach(() => deleteKeys(lane.redis, lane.prefix));
  afterAll(async () => {
    await lane?.close();
    await history?.close();
    await database?.close();
  });

  const historyAt = (url: string) =>
    openHistory({ url, connections: 4, timeoutMs: 5_000, onError: () => undefined });
  const records = () =>
    createRecordStore(lane.redis, lane.lane, {
      retentionMs: RETENTION_MS,
      isBilled: true,
      keepsHistory: true,
    });
  const bills = () =>
    createBillingStore(lane.redis, lane.lane, { retentionMs: RETENTION_MS, keepsHistory: true });
  const write = (to = history, refused: object[] = []) => {
    const pending = createPending(lane.redis, lane.lane, { retentionMs: RETENTION_MS, get: lane.store.get });
    const audit = createAuditStore(lane.redis, lane.lane);
    return writeHistory({ pending, history: to, audit, onRefused: (one) => refused.push(one) });
  };
  test('the audit is copied from where it was left, each entry once', async () => {
    const audit = createAuditStore(lane.redis, lane.lane);
    const copied = async () =>
      (await ask(
        database.url,
        'SELECT actor, action, thing, reason FROM handover_audit ORDER BY at, id',
      )) as object[];
    for (const thing of ['one', 'two']) await audit.note(OLGA, 'pause', thing, `for ${thing}`);
    await write();
    await write();
    await audit.note(OLGA, 'resume', 'one', 'done');
    await write();
    const by = { actor: 'operator:olga' };
    const all = [
      { ...by, action: 'pause', thing: 'one', reason: 'for one' },
      { ...by, action: 'pause', thing: 'two', reason: 'for two' },
      { ...by, action: 'resume', thing: 'one', reason: 'done' },
    ];
    expect(await copied()).toEqual(all);
    // A Redis that no longer knows how far it got copies again, and each stays once.
    await lane.redis.del(lane.keys.auditCopied);
    await write();
    expect(await copied()).toEqual(all);
  });

  const rows = () => ask(database.url, 'SELECT * FROM handover_transfers ORDER BY accepted_at');
  const waiting = async () => (await historyLag(lane.redis, lane.lane)).waiting;

  async function end(outcome: Outcome, given: Partial<TransferRequest> = {}, conflicts = 0): Promise<string> {
    const id = await lane.accept(given);
    const epoch = await lane.begin(id);
    const deadLetter = outcome.status === 'failed';
    const entry = { at: 0, step: 'outcome', by: 'worker:w1', decided: outcome.status } as const;
    const settlement = settlementOf({ guard: 'attempt', epoch, outcome, conflicts, deadLetter });
    await records().settle(id, settlement, [entry]);
    return id;
  }

  test('has a settled transfer once, with its columns and its timeline', async () => {
    const target = { type: 'queue', id: 'support' } as const;
    const id = await end(
      { ...MOVED, target: { type: 'user', id: 'carl' } },
      { userId: 'ann', target, metadata: { a: 'x\0' } },
      2,
    );
    expect(await waiting()).toBe(1);
    expect(await write()).toBe(1);
    expect(await write()).toBe(0);
    const stored = await lane.store.get(id);
    expect(await rows()).toEqual([
      expect.objectContaining({
        ...{
          id,
          agent: 'ann',
          api_key: 'crm',
          transfer_type: 'blind',
          target_type: 'queue',
          target_id: 'support',
        },
        ...{
          moved_to_type: 'user',
          moved_to_id: 'carl',
          status: 'transferred',
          reason: null,
          fallback: true,
        },
        ...{ confirmed_by: 'answer', contradicted: false, conflicts: 2, metadata: { a: 'x\ufffd' } },
        ...{ settled_at: new Date(stored?.record.settledAt ?? 0), timeline: stored?.timeline },
      }),
    ]);
    expect((await history.transfer(id))?.record).toMatchObject({ id, status: 'transferred', outcome: MOVED });
  });

  test('until it is written, Redis keeps a record longer; then as long as without a history', async () => {
    const id = await end(MOVED);
    const keys = [lane.keys.record(id), lane.keys.timeline(id)];
    for (const key of keys) expect(await lane.redis.pttl(key)).toBeGreaterThan(29 * 86_400_000);
    await write();
    for (const key of keys) {
      const left = await lane.redis.pttl(key);
      expect(left).toBeGreaterThan(RETENTION_MS - 30_000);
      expect(left).toBeLessThanOrEqual(RETENTION_MS);
    }
  });

  test('a replayed transfer is one row with its latest outcome, and has both endings', async () => {
    const id = await end(failure, { userId: 'ann' }, 3);
    await write();
    await lane.store.replay(id, OLGA, 'again');
    expect(await waiting()).toBe(0);
    await records().settle(id, settlementOf({ outcome: MOVED }), []);
    await write();
    expect(await rows()).toMatchObject([{ id, status: 'transferred', conflicts: 0 }]);
    expect(
      await ask(
        database.url,
        'SELECT status, reason, conflicts, replayed FROM handover_endings ORDER BY ended_at',
      ),
    ).toEqual([
      { status: 'failed', reason: 'platform-unavailable', conflicts: 3, replayed: true },
      { status: 'transferred', reason: null, conflicts: 0, replayed: false },
    ]);
  });

  test('one that is replayed while it waits is not written before it has ended again', async () => {
    const id = await end(failure);
    await lane.store.replay(id, OLGA, 'again');
    expect(await write()).toBe(0);
    expect(await lane.redis.pttl(lane.keys.record(id))).toBe(-1);
    await records().settle(id, settlementOf({ outcome: MOVED }), []);
    await write();
    expect(await rows()).toMatchObject([{ id, status: 'transferred' }]);
  });

  test('a contradiction replaces what was written', async () => {
    const id = await end({ status: 'rejected', reason: 'call-ended' });
    await write();
    await records().settle(id, settlementOf({ guard: 'seen' }), [
      { at: 1, step: 'outcome', by: 'worker:late' },
    ]);
    await write();
    expect(await rows()).toMatchObject([{ id, status: 'rejected', contradicted: true }]);
  });

  test('an older reading never replaces a newer one', async () => {
    const id = await end(MOVED);
    const stored = await lane.store.get(id);
    if (stored === undefined) throw new Error('no record');
    await history.writeTransfers([{ ...stored, version: 2 }]);
    await history.writeTransfers([{ ...stored, timeline: [], version: 1 }]);
    expect(await rows()).toMatchObject([{ version: '2', timeline: stored.timeline }]);
  });

  test('workers that write at the same time write each once', async () => {
    for (let count = 0; count < 30; count += 1) await end(MOVED);
    const other = historyAt(database.url);
    await Promise.all([write(), write(other), write(), write(other)]);
    await other.close();
    expect(await rows()).toHaveLength(30);
    expect(await waiting()).toBe(0);
  });

  test('while PostgreSQL is away everything waits, and its age is told', async () => {
    const away = historyAt(`postgres://handover@127.0.0.1:${await freePort()}/handover`);
    await end(MOVED);
    await expect(write(away)).rejects.toThrow();
    await away.close();
    expect((await historyLag(lane.redis, lane.lane)).lagMs).toBeGreaterThan(0);
    expect(await waiting()).toBe(1);
    expect(await write()).toBe(1);
    expect((await historyLag(lane.redis, lane.lane)).lagMs).toBe(0);
  });

  test('one that PostgreSQL refuses does not hold up the others', async () => {
    const [bad, good] = [await end(MOVED), await end(MOVED)];
    await ask(database.url, `ALTER TABLE handover_transfers ADD CONSTRAINT strict CHECK (id <> '${bad}')`);
    const refused: object[] = [];
    await write(history, refused);
    await ask(database.url, 'ALTER TABLE handover_transfers DROP CONSTRAINT strict');
    expect(refused).toEqual([{ id: bad, why: 'PostgreSQL answered 23514' }]);
    expect((await rows()).map(({ id }) => id)).toEqual([good]);
    expect(await waiting()).toBe(0);
  });

  test('has bills too, each once', async () => {
    const bill = billOf({ metadata: { ticket: '1' } });
    await bills().bill(bill, 'record');
    expect(await lane.redis.pttl(lane.keys.bill(bill.id))).toBeGreaterThan(29 * 86_400_000);
    await write();
    await history.writeBills([{ ...bill, billedAt: 1 }]);
    expect(await lane.redis.pttl(lane.keys.bill(bill.id))).toBeLessThanOrEqual(RETENTION_MS);
    const { items, next } = await history.bills({ from: 0, to: 9e15, after: undefined, limit: 10 });
    expect(items).toMatchObject([bill]);
    expect(next).toBeUndefined();
  });

  test('counts combinations as the counters count each dimension by itself', async () => {
    const now = await lane.now();
    const range = { from: now - (now % 86_400_000), to: now + 2 * 86_400_000 };
    await end(MOVED, { userId: 'ann' }, 2);
    await end(failure, { userId: 'ann', target: { type: 'queue', id: 'sales' } });
    const id = await end(failure, { userId: 'bob' });
    await lane.store.replay(id, OLGA, 'again');
    await records().settle(id, settlementOf({ outcome: { status: 'rejected', reason: 'call-moved' } }), []);
    await write();
    const report = async (query: Parameters<typeof reportQuality>[1]) => {
      const answer = await reportQuality(lane.counters, query, history);
      if ('refused' in answer) throw new Error(answer.refused.message);
      return answer;
    };
    const both = await report({ agent: 'ann', by: 'queue' });
    expect(both.rows).toEqual([
      { id: 'sales', counts: { failed: 1, 'failed:platform-unavailable': 1 } },
      { id: 'support', counts: { transferred: 1, fallbackUsed: 1, etagConflicts: 2 } },
    ]);
    expect(both.incomplete).toBeUndefined();
    expect((await report({ queue: 'support', agent: 'bob' })).counts).toEqual({
      ...{ failed: 1, 'failed:platform-unavailable': 1, rejected: 1, 'rejected:call-moved': 1, replayed: 1 },
    });
    for (const by of ['agent', 'queue', 'key', 'hour', 'day'] as const) {
      const { rows: past } = await history.quality({ by, ...range });
      const { rows: counted = [] } = await report({ by });
      // How long they took is not in the history.
      const untimed = counted.map(({ counts: { timed: _, tookMs: __, ...counts }, ...row }) => ({
        ...row,
        counts,
      }));
      expect(past, by).toEqual(untimed);
    }
    expect((await report({ from: 0, agent: 'ann', key: 'crm' })).incomplete).toMatch(/^The history begins 2/);
  });

  test('lists transfers newest first, by every filter, a page at a time', async () => {
    const ids: string[] = [];
    for (const userId of ['ann', 'bob', 'ann', 'ann', 'bob']) ids.unshift(await end(MOVED, { userId }));
    ids.unshift(await end({ status: 'rejected', reason: 'call-ended' }, { userId: 'ann' }));
    await write();
    const whole = { from: 0, to: 9e15 };
    const order = await ask(
      database.url,
      'SELECT id FROM handover_transfers ORDER BY accepted_at DESC, id COLLATE "C" DESC',
    );
    const listed: string[] = [];
    let after: { at: number; id: string } | undefined;
    do {
      const { items, next } = await history.transfers({}, { ...whole, after, limit: 4 });
      listed.push(...items.map(({ record }) => record.id));
      after = next;
    } while (after !== undefined);
    expect(listed).toEqual(order.map(({ id }) => id));
    expect([...listed].sort()).toEqual([...ids].sort());
    const count = async (filter: Parameters<History['transfers']>[0]) =>
      (await history.transfers(filter, { ...whole, after: undefined, limit: 10 })).items.length;
    expect(await count({ agent: 'ann' })).toBe(4);
    expect(await count({ agent: 'ann', status: 'transferred', target: 'support', key: 'crm' })).toBe(3);
    expect(await count({ reason: 'call-ended' })).toBe(1);
    expect(await count({ callId: 'no-such' })).toBe(0);
  });

  test('its views are there for other programs', async () => {
    await end(MOVED, { userId: 'ann' });
    await write();
    expect(await ask(database.url, 'SELECT * FROM handover_quality_by_day')).toMatchObject([
      { queue: 'support', agent: 'ann', api_key: 'crm', successful: '1', fallback_used: '1', failed: '0' },
    ]);
    const steps = await ask(database.url, 'SELECT step, by FROM handover_steps ORDER BY place');
    expect(steps).toEqual([
      { step: 'accepted', by: 'apiKey:crm' },
      { step: 'outcome', by: 'worker:w1' },
    ]);
  });

  test('workers write what ends, also what was settled while none ran', async () => {
    const world = await openWorld({ env: { HISTORY_DATABASE_URL: database.url }, workers: 2 });
    try {
      const subject = createSubject(world.sandbox);
      const id = await world.submit(requestFor(subject));
      await world.outcome(id);
      await vi.waitUntil(async () => (await rows()).length > 0, PATIENTLY);
      expect(await rows()).toMatchObject([{ id, call_id: subject.callId, status: 'transferred' }]);
    } finally {
      await world.close();
    }
  });
});

import { writeHistory } from '@handover/core/history';
import { createAuditStore, createPending } from '@handover/core/redis';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { freePort } from '../support/ports.ts';
import { type Database, openDatabase } from '../support/postgres.ts';
import { billOf, enterBill } from './billing-data.ts';
import { at } from './billing-lists.ts';
import { connected, settleAs, startApi, type TestApi, transferBody } from './start-api.ts';

const EXPORT = '/api/billing/export?month=2026-11';

describe.skipIf(inject('noDatabase') !== '')('with a history', () => {
  let database: Database;
  let api: TestApi;
  beforeAll(async () => {
    database = await openDatabase();
    api = await startApi({ redisUrl: inject('redisUrl'), env: { HISTORY_DATABASE_URL: database.url } });
    await connected(api);
  });
  afterAll(async () => {
    await api?.close();
    await database?.close();
  });

  async function write({ redis, live, history }: TestApi = api): Promise<void> {
    if (history === undefined) throw new Error('no history');
    const pending = createPending(redis, live.store.lane, { retentionMs: 60_000, get: live.store.get });
    const onRefused = (refused: object) => expect.fail(JSON.stringify(refused));
    const audit = createAuditStore(redis, live.store.lane);
    await writeHistory({ pending, history, audit, onRefused });
  }

  const ids = (body: string) =>
    body
      .split('\r\n')
      .slice(1, -1)
      .filter((line) => !line.startsWith('#'))
      .map((line) => line.split(',')[0]);

  test('the export has every bill once and in order, also those that Redis has forgotten', async () => {
    const { keys } = api.live.store;
    const now = Date.now();
    const bills = Array.from({ length: 1_300 }, (_, index) =>
      billOf({ id: `event-${String(index).padStart(4, '0')}`, timestamp: at(Math.floor(index / 3)) }),
    );
    for (const bill of bills.slice(0, 3)) await enterBill(api, bill);
    for (const bill of bills) {
      await api.redis.hset(keys.bill(bill.id), { bill: JSON.stringify(bill), billedAt: '1' });
      await api.redis.zadd(keys.bills, Date.parse(bill.timestamp), bill.id);
      await api.redis.zadd(keys.historyBills, now, bill.id);
    }
    await api.redis.hset(keys.billingReport, '2026-11-20 TRANSFER_BLIND', bills.length);
    await write();
    // The first thousand are gone from Redis by now, some of the others are in both.
    const gone = bills.slice(0, 1_000).map(({ id }) => id);
    await api.redis.unlink(...gone.map(keys.bill));
    await api.redis.zrem(keys.bills, ...gone.slice(0, 900));
    const { body } = await api.app.inject(EXPORT);
    expect(ids(body)).toEqual(bills.map(({ id }) => id));
    expect(body).toMatch(/\r\n# rows=1300\r\n$/);
    expect(body).not.toContain('incomplete');
  });

  test('combinations are answered, as JSON and as CSV', async () => {
    const payload = transferBody({ userId: 'ann' });
    const { id } = (await api.app.inject({ method: 'POST', url: '/api/transfers', payload })).json();
    await settleAs(api, id, { status: 'failed', reason: 'conflict' });
    await write();
    const answer = await api.app.inject('/api/reports/quality?queue=queue-1&agent=ann&by=day');
    expect(answer.json()).toMatchObject({ failed: 1, totalTransfersAttempted: 1, rows: [{ failed: 1 }] });
    const none = await api.app.inject('/api/reports/quality?queue=queue-1&agent=bob');
    expect(none.json()).toMatchObject({ totalTransfersAttempted: 0 });
  });

  describe('the list of transfers', () => {
    let short: TestApi;
    const ended: string[] = [];
    let replayed = '';
    let all: string[] = [];
    beforeAll(async () => {
      // Whatever is a millisecond old may be forgotten.
      const env = { HISTORY_DATABASE_URL: database.url, TRANSFER_RETENTION_MS: '1' };
      short = await startApi({ redisUrl: inject('redisUrl'), env });
      await connected(short);
      for (let index = 0; index < 6; index += 1) {
        const id = await submit();
        await settleAs(short, id, { status: 'failed', reason: 'conflict' });
        ended.unshift(id);
      }
      const open = await submit('another-call');
      await write(short);
      const { live, redis } = short;
      all = (await live.store.getAll([open, ...ended]))
        .map(({ record }) => record)
        .sort((one, other) => other.acceptedAt - one.acceptedAt || (one.id < other.id ? 1 : -1))
        .map(({ id }) => id);
      replayed = ended[1] ?? '';
      expect(await live.store.replay(replayed, { type: 'operator', name: 'ops' }, 'mended')).toMatchObject({
        replayed: true,
      });
      // Three are forgotten, of which the indexes still know one.
      for (const id of ended.slice(2, 5))
        await redis.unlink(live.store.keys.record(id), live.store.keys.timeline(id));
      for (const key of await redis.keys(`${short.prefix}:*:index:*`))
        await redis.zrem(key, ...ended.slice(3, 5));
    });
    afterAll(() => short?.close());

    async function submit(callId = 'call-of-the-list'): Promise<string> {
      const payload = transferBody({ userId: 'agent-of-the-list', callId });
      const answer = await short.app.inject({ method: 'POST', url: '/api/transfers', payload });
      return answer.json().id;
    }
    async function walk(query: string, limit: number) {
      const items: { id: string; status: string; timeline?: unknown[] }[] = [];
      const told: unknown[] = [];
      for (let cursor = ''; ; ) {
        const answer = await short.app.inject(`/api/transfers?${query}&limit=${limit}${cursor}`);
        expect(answer.statusCode, answer.body).toBe(200);
        const page = answer.json();
        expect(page.items.length).toBeLessThanOrEqual(limit);
        items.push(...page.items);
        told.push(page.incomplete);
        if (page.next === null) return { items, ids: items.map(({ id }) => id), told };
        cursor = `&cursor=${page.next}`;
      }
    }

    test.each([1, 2, 3, 100])(
      'goes on where Redis has forgotten, each once, with pages of %i',
      async (limit) => {
        const { items, ids, told } = await walk('agent=agent-of-the-list', limit);
        expect(ids).toEqual(all);
        expect(items.find(({ id }) => id === replayed)).toMatchObject({ status: 'queued' });
        expect(new Set(told)).toEqual(new Set([undefined]));
      },
    );

    test('by status, one that was replayed is no longer what the history has', async () => {
      const { ids } = await walk('agent=agent-of-the-list&status=failed', 2);
      expect(ids).toEqual(all.filter((id) => ended.includes(id) && id !== replayed));
    });

    test('of a call each has its timeline; a forgotten transfer is shown', async () => {
      const { items } = await walk('callId=call-of-the-list', 100);
      expect(items).toHaveLength(ended.length);
      for (const { timeline } of items)
        expect(timeline).toContainEqual(expect.objectContaining({ step: 'accepted' }));
      const forgotten = await short.app.inject(`/api/transfers/${ended[3]}`);
      expect(forgotten.json()).toMatchObject({
        id: ended[3],
        status: 'failed',
        outcome: { reason: 'conflict' },
      });
      expect((await short.app.inject('/api/transfers/never-there')).statusCode).toBe(404);
    });

    test('says from when on the history knows, if it is asked for more', async () => {
      const { told } = await walk('agent=agent-of-the-list&from=2020-01-01', 100);
      expect(told.at(-1)).toMatch(/^The history begins 20.*: what was accepted before is not in it/);
    });
  });

  test('while PostgreSQL is away, only what needs it is refused', async () => {
    const url = `postgres://handover:secret-word@127.0.0.1:${await freePort()}/handover`;
    const away = await startApi({ redisUrl: inject('redisUrl'), env: { HISTORY_DATABASE_URL: url } });
    onTestFinished(away.close);
    await connected(away);
    const needed = [EXPORT, '/api/reports/quality?queue=a&agent=b', '/api/transfers/never-there'];
    for (const path of [...needed, '/api/transfers?from=2020-01-01']) {
      const answer = await away.app.inject(path);
      expect([answer.statusCode, answer.json().code], path).toEqual([503, 'history-unavailable']);
      expect(answer.body).not.toContain('secret-word');
    }
    expect((await away.app.inject('/api/reports/quality?agent=b')).statusCode).toBe(200);
    expect((await away.app.inject('/api/reports/quality')).statusCode).toBe(200);
    const today = `/api/transfers?from=${new Date(Date.now() - 60_000).toISOString()}`;
    expect((await away.app.inject(today)).json()).toEqual({ items: [], next: null });
    const incomplete = expect.stringMatching(
      /^The history is away \(.*\): what Redis has forgotten is missing/,
    );
    expect((await away.app.inject('/api/transfers')).json()).toEqual({ items: [], next: null, incomplete });
  });

  test('the metrics and the status tell what waits', async () => {
    await api.redis.zadd(api.live.store.keys.historyTransfers, Date.now() - 90_000, 'waiting');
    const { body } = await api.app.inject('/metrics');
    expect(body).toMatch(/^handover_history_waiting 1$/m);
    expect(Number(/^handover_history_lag_seconds (\S+)$/m.exec(body)?.[1])).toBeGreaterThan(50);
    const { history } = (await api.app.inject('/api/status')).json();
    expect(history).toMatchObject({ is: 'trouble', waiting: 1, runbook: 'docs/operations/history-lags.md' });
  });
});

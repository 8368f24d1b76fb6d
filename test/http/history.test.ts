import { writeHistory } from '@handover/core/history';
import { createPending } from '@handover/core/redis';
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

  async function write(): Promise<void> {
    const { redis, live, history } = api;
    if (history === undefined) throw new Error('no history');
    const pending = createPending(redis, live.store.lane, { retentionMs: 60_000, get: live.store.get });
    const onRefused = (refused: object) => expect.fail(JSON.stringify(refused));
    await writeHistory({ pending, history, onRefused });
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

  test('while PostgreSQL is away, only what needs it is refused', async () => {
    const url = `postgres://handover:secret-word@127.0.0.1:${await freePort()}/handover`;
    const away = await startApi({ redisUrl: inject('redisUrl'), env: { HISTORY_DATABASE_URL: url } });
    onTestFinished(away.close);
    await connected(away);
    for (const path of [EXPORT, '/api/reports/quality?queue=a&agent=b']) {
      const answer = await away.app.inject(path);
      expect([answer.statusCode, answer.json().code], path).toEqual([503, 'history-unavailable']);
      expect(answer.body).not.toContain('secret-word');
    }
    expect((await away.app.inject('/api/reports/quality?agent=b')).statusCode).toBe(200);
    expect((await away.app.inject('/api/reports/quality')).statusCode).toBe(200);
  });

  test('the metrics tell what waits', async () => {
    await api.redis.zadd(api.live.store.keys.historyTransfers, Date.now() - 60_000, 'waiting');
    const { body } = await api.app.inject('/metrics');
    expect(body).toMatch(/^handover_history_waiting 1$/m);
    expect(Number(/^handover_history_lag_seconds (\S+)$/m.exec(body)?.[1])).toBeGreaterThan(50);
  });
});

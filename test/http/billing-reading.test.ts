import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { billOf, DAY_MS, discrepancyOf, enterBill, enterDiscrepancy, trailsOf } from './billing-data.ts';
import { at, createReader, DISCREPANCIES, idsOf, RECORDS } from './billing-lists.ts';
import { connected, startApi, type TestApi } from './start-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ redisUrl: inject('redisUrl') });
  await connected(api);
});
afterEach(async () => {
  const keys = await api.redis.keys(`${api.prefix}:live:*`);
  if (keys.length > 0) await api.redis.unlink(...keys);
});
afterAll(() => api.close());

const { read, enterAt } = createReader(() => api);

describe('a billing record', () => {
  test('is shown with all its fields', async () => {
    const id = randomUUID();
    const bill = billOf({
      id,
      transferId: id,
      transferType: 'consult',
      target: { id: 'agent 7', type: 'user' },
      metadata: { ticket: '4711', note: 'a "b", c' },
    });
    const before = Date.now();
    await enterBill(api, bill);
    const { items, next } = (await read(RECORDS)).json();
    expect(items).toEqual([{ ...bill, billedAt: expect.stringMatching(/^\d{4}-.*Z$/) }]);
    expect(Date.parse(items[0].billedAt)).toBeGreaterThanOrEqual(before - 1_000);
    expect(next).toBeNull();
  });

  test('is marked if it has no event', async () => {
    const bill = billOf({ synthesized: true });
    await trailsOf(api).bill(bill, 'record');
    expect((await read(RECORDS)).json().items).toMatchObject([{ id: bill.id, synthesized: true }]);
  });

  test('is ordered by the time of its event, not of its arrival', async () => {
    const [third, first, second] = await enterAt(3, 1, 2);
    expect(idsOf(await read(RECORDS))).toEqual([first, second, third]);
  });

  test('is listed for its whole retention, however old its event', async () => {
    const bill = await enterBill(
      api,
      billOf({ timestamp: new Date(Date.now() - 30 * DAY_MS).toISOString() }),
    );
    await trailsOf(api).forgetOld();
    expect(idsOf(await read(`${RECORDS}?limit=1000`))).toContain(bill.id);
  });

  test('that has expired is omitted', async () => {
    const [gone, kept] = await enterAt(1, 2);
    await api.redis.del(api.live.store.keys.bill(gone ?? ''));
    const answer = await read(RECORDS);
    expect(idsOf(answer)).toEqual([kept]);
  });
});

describe('a discrepancy', () => {
  test('is shown with both sides, and the time of its resolution', async () => {
    const open = await enterDiscrepancy(
      api,
      discrepancyOf({
        name: 'different-target',
        // Ordered by id too, which decides within the same millisecond.
        transferId: 'transfer-1',
        seen: { transferType: 'consult', target: { id: 'elsewhere' }, eventId: 'event-9' },
      }),
    );
    const healed = await enterDiscrepancy(
      api,
      discrepancyOf({ transferId: 'transfer-2', synthesized: true }),
    );
    await api.redis.hset(api.live.store.keys.discrepancy(healed.transferId), 'healedAt', '1795262400000');
    const { items } = (await read(DISCREPANCIES)).json();
    expect(items).toEqual([
      { ...open, namedAt: expect.stringMatching(/Z$/), healedAt: null },
      { ...healed, namedAt: expect.stringMatching(/Z$/), healedAt: '2026-11-21T12:00:00.000Z' },
    ]);
  });
});

describe('the billing report', () => {
  const REPORT = '/api/reports/billing';
  const NOTHING = {
    days: [],
    totals: { TRANSFER_BLIND: 0, TRANSFER_CONSULT: 0 },
    matched: 0,
    unmatched: 0,
    waiting: 0,
    synthesized: 0,
    discrepancies: { 'missing-event': 0, 'unknown-transfer': 0, 'different-target': 0 },
    newestDiscrepancies: [],
  };

  test('is all zero without data', async () => {
    expect((await read(REPORT)).json()).toEqual(NOTHING);
  });

  test('counts bills by day and code', async () => {
    await enterAt(1, 2, 24 * 60, 24 * 60 - 1);
    await enterBill(api, billOf({ transferType: 'consult', timestamp: at(5) }));
    await trailsOf(api).bill(billOf({ timestamp: at(3 * 24 * 60), synthesized: true }), 'record');
    const report = (await read(REPORT)).json();
    expect(report).toEqual({
      ...NOTHING,
      days: [
        { day: '2026-11-20', code: 'TRANSFER_BLIND', count: 3 },
        { day: '2026-11-20', code: 'TRANSFER_CONSULT', count: 1 },
        { day: '2026-11-21', code: 'TRANSFER_BLIND', count: 1 },
        { day: '2026-11-23', code: 'TRANSFER_BLIND', count: 1 },
      ],
      totals: { TRANSFER_BLIND: 5, TRANSFER_CONSULT: 1 },
      synthesized: 1,
    });
  });

  test('covers its days inclusively', async () => {
    await enterAt(1, 24 * 60, 2 * 24 * 60, 3 * 24 * 60);
    const daysOf = async (query: string) =>
      (await read(`${REPORT}?${query}`)).json().days.map(({ day }: { day: string }) => day.slice(-2));
    expect(await daysOf('from=2026-11-21&to=2026-11-22')).toEqual(['21', '22']);
    expect(await daysOf('from=2026-11-22')).toEqual(['22', '23']);
    expect(await daysOf('to=2026-11-20')).toEqual(['20']);
    const { totals } = (await read(`${REPORT}?from=2026-11-21&to=2026-11-22`)).json();
    expect(totals).toEqual({ TRANSFER_BLIND: 2, TRANSFER_CONSULT: 0 });
  });

  test('reports matched, waiting and unmatched sides', async () => {
    const { keys } = api.live.store;
    const id = randomUUID();
    await api.redis.hset(keys.record(id), 'status', 'transferred');
    await enterBill(api, billOf({ id, transferId: id }));
    await api.redis.zadd(keys.expected, 1, 'a', 2, 'b');
    await api.redis.zadd(keys.early, 1, 'c');
    await enterDiscrepancy(api, discrepancyOf({ name: 'missing-event' }));
    await enterDiscrepancy(api, discrepancyOf({ name: 'missing-event' }));
    await enterDiscrepancy(api, discrepancyOf({ name: 'different-target' }));
    expect((await read(REPORT)).json()).toMatchObject({
      matched: 1,
      waiting: 3,
      unmatched: 3,
      discrepancies: { 'missing-event': 2, 'unknown-transfer': 0, 'different-target': 1 },
    });
  });

  test('shows the newest twenty open discrepancies of all names', async () => {
    const { keys } = api.live.store;
    const names = ['missing-event', 'unknown-transfer', 'different-target'] as const;
    const ids: string[] = [];
    for (let index = 0; index < 25; index += 1) {
      const name = names[index % 3] ?? 'missing-event';
      const { transferId } = await enterDiscrepancy(api, discrepancyOf({ name }));
      await api.redis.hset(keys.discrepancy(transferId), 'namedAt', String(index * DAY_MS));
      await api.redis.zadd(keys.open(name), index * DAY_MS, transferId);
      ids.push(transferId);
    }
    const [healed] = ids.splice(24, 1);
    await api.redis.zrem(keys.open('missing-event'), healed ?? '');
    const { newestDiscrepancies, unmatched } = (await read(REPORT)).json();
    expect(newestDiscrepancies.map(({ transferId }: { transferId: string }) => transferId)).toEqual(
      ids.reverse().slice(0, 20),
    );
    expect(newestDiscrepancies[0]).toMatchObject({ namedAt: '1970-01-24T00:00:00.000Z', healedAt: null });
    expect(unmatched).toBe(24);
  });

  test('refuses a range that ends before it begins', async () => {
    const answer = await read(`${REPORT}?from=2026-11-21&to=2026-11-20`);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().errors).toMatchObject([{ field: 'from' }]);
  });

  test('takes times, widened to whole days', async () => {
    const whole = (await read(`${REPORT}?from=2026-11-20&to=2026-11-20`)).json().days;
    expect((await read(`${REPORT}?from=2026-11-20T08:00:00Z&to=2026-11-20T09:00:00Z`)).json().days).toEqual(
      whole,
    );
  });

  test.each([
    ['from=2026-02-30', ['from']],
    ['to=tomorrow', ['to']],
    ['day=2026-11-20', ['day']],
    ['from=x&to=y&z=z', ['from', 'to', 'z']],
  ])('?%s is refused, naming every invalid field', async (query, fields) => {
    const answer = await read(`${REPORT}?${query}`);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().errors.map(({ field }: { field: string }) => field)).toEqual(fields);
  });
});

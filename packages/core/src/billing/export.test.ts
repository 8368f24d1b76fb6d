import { expect, test } from 'vitest';
import { type BillSource, type ExportedBill, exportBills } from './export.ts';

const DAY = 86_400_000;
const bill = (at: number): ExportedBill => ({
  ...{ id: `bill-${at}`, eventId: 'e', callId: 'c', transferType: 'blind', target: { id: 't' } },
  ...{ timestamp: new Date(at).toISOString(), billingCode: 'TRANSFER_BLIND', billedAt: at },
});

/** A source with these bills, which counts how often it was asked for a page. */
function sourceOf(times: number[], made: Record<string, number> = {}) {
  const asked = { pages: 0 };
  const source: BillSource = {
    report: async () => ({ days: Object.entries(made).map(([day, count]) => ({ day, count })) }),
    async bills({ from, to, after, limit }) {
      asked.pages += 1;
      const rest = times.filter((at) => at >= from && at < to && at > (after?.at ?? -1));
      const items = rest.slice(0, limit).map(bill);
      const last = items.at(-1);
      const more = rest.length > limit && last !== undefined;
      return { items, next: more ? { at: last.billedAt, id: last.id } : undefined };
    },
  };
  return { source, asked };
}

async function readAll(source: BillSource, range: { from: number; to: number }) {
  const { pages, told } = exportBills(source, range);
  const ids: string[] = [];
  for await (const page of pages) ids.push(...page.map(({ id }) => id));
  return { ids, ...told() };
}

test('every bill of the range comes once, and they are counted', async () => {
  const times = Array.from({ length: 1_234 }, (_, index) => index);
  const { ids, rows, missing } = await readAll(sourceOf(times).source, { from: 0, to: 1_230 });
  expect(ids).toEqual(times.slice(0, 1_230).map((at) => `bill-${at}`));
  expect({ rows, missing }).toEqual({ rows: 1_230, missing: 0 });
});

test('a page is read only when the one before was taken', async () => {
  const { source, asked } = sourceOf(Array.from({ length: 5_000 }, (_, index) => index));
  const pages = exportBills(source, { from: 0, to: DAY }).pages[Symbol.asyncIterator]();
  expect(asked.pages).toBe(0);
  await pages.next();
  await pages.next();
  expect(asked.pages).toBe(2);
});

test('whole days of the range tell what is missing, parts of days do not', async () => {
  const made = { '1970-01-01': 3, '1970-01-02': 5, '1970-01-03': 9 };
  const { source } = sourceOf([1, 2, DAY + 1], made);
  expect(await readAll(source, { from: 0, to: 2 * DAY })).toMatchObject({ rows: 3, missing: 1 + 4 });
  expect(await readAll(source, { from: 1, to: 2 * DAY })).toMatchObject({ rows: 3, missing: 4 });
  expect(await readAll(source, { from: 0, to: 3 * DAY - 1 })).toMatchObject({ missing: 5 });
});

test('a later page that fails is asked for again, the first is not', async () => {
  const times = Array.from({ length: 1_234 }, (_, index) => index);
  const failing = (calls: number[]) => {
    const { source } = sourceOf(times);
    let call = 0;
    return {
      ...source,
      bills: (query: Parameters<typeof source.bills>[0]) => {
        call += 1;
        return calls.includes(call) ? Promise.reject(new Error('Command timed out')) : source.bills(query);
      },
    };
  };
  const range = { from: 0, to: DAY };
  expect(await readAll(failing([2, 3, 6]), range)).toMatchObject({ rows: 1_234, missing: 0 });
  await expect(readAll(failing([1]), range)).rejects.toThrow('Command timed out');
  await expect(readAll(failing([2, 3, 4, 5]), range)).rejects.toThrow('Command timed out');
});

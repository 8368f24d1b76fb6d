import type { Bill } from './words.ts';

/** `billedAt`: epoch milliseconds. */
export type ExportedBill = Bill & { billedAt: number };

type Place = { at: number; id: string };

/** The bills of a range, ordered by the time of their event, and how many were made. Throws what the store throws. */
export interface BillSource {
  bills(query: {
    from: number;
    to: number;
    after: Place | undefined;
    limit: number;
  }): Promise<{ items: ExportedBill[]; next: Place | undefined }>;
  /** How many bills of each day (UTC) were ever made, by day and code. */
  report(): Promise<{ days: { day: string; count: number }[] }>;
}

export type BillExport = {
  /** Every bill of the range, a page at a time. */
  pages: AsyncIterable<ExportedBill[]>;
  /** After the last page: how many there were, and how many of the whole days in the range could no longer be found. */
  told: () => { rows: number; missing: number };
};

const PAGE = 500;
const DAY_MS = 86_400_000;

/** Reads all bills of a range, in epoch milliseconds (`to` exclusive), with a page at a time in memory. */
export function exportBills(source: BillSource, range: { from: number; to: number }): BillExport {
  let rows = 0;
  let missing = 0;

  async function* pages() {
    const { days } = await source.report();
    const found = new Map<string, number>();
    for (let after: Place | undefined, more = true; more; ) {
      const { items, next } = await source.bills({ ...range, after, limit: PAGE });
      for (const { timestamp } of items) {
        const day = timestamp.slice(0, 10);
        found.set(day, (found.get(day) ?? 0) + 1);
      }
      rows += items.length;
      yield items;
      after = next;
      more = next !== undefined;
    }
    for (const [day, made] of sumByDay(days))
      if (isWithin(day, range)) missing += Math.max(0, made - (found.get(day) ?? 0));
  }

  return { pages: pages(), told: () => ({ rows, missing }) };
}

function sumByDay(days: { day: string; count: number }[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { day, count } of days) sums.set(day, (sums.get(day) ?? 0) + count);
  return sums;
}

function isWithin(day: string, { from, to }: { from: number; to: number }): boolean {
  const start = Date.parse(day);
  return start >= from && start + DAY_MS <= to;
}

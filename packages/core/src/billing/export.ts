import type { Bill } from './words.ts';

/** `billedAt`: epoch milliseconds. */
export type ExportedBill = Bill & { billedAt: number };

type Place = { at: number; id: string };

type Query = { from: number; to: number; after: Place | undefined; limit: number };

/** Bills, ordered by the time of their event and their id. Throws what the store throws; reading changes nothing. */
export interface BillPages {
  bills(query: Query): Promise<{ items: ExportedBill[]; next: Place | undefined }>;
}

/** Those of Redis, and how many were ever made. */
export interface BillSource extends BillPages {
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
/** Before a page is asked for again. */
const PAUSES_MS = [100, 400, 1_000];

/**
 * Reads all bills of a range, in epoch milliseconds (`to` exclusive), with a page at a time in memory. `past`: those that the source
 * has forgotten, and others, each once.
 */
export function exportBills(
  source: BillSource,
  range: { from: number; to: number },
  past?: BillPages,
): BillExport {
  let rows = 0;
  let missing = 0;

  async function* pages() {
    const { days } = await source.report();
    const found = new Map<string, number>();
    let isEmpty = true;
    const sources = [source, ...(past === undefined ? [] : [past])];
    for await (const items of merged(sources.map((one) => pagesOf(one, range)))) {
      for (const { timestamp } of items) {
        const day = timestamp.slice(0, 10);
        found.set(day, (found.get(day) ?? 0) + 1);
      }
      rows += items.length;
      isEmpty = false;
      yield items;
    }
    if (isEmpty) yield [];
    for (const [day, made] of sumByDay(days))
      if (isWithin(day, range)) missing += Math.max(0, made - (found.get(day) ?? 0));
  }

  return { pages: pages(), told: () => ({ rows, missing }) };
}

async function* pagesOf(source: BillPages, range: { from: number; to: number }) {
  for (let after: Place | undefined, more = true; more; ) {
    const ask = () => source.bills({ ...range, after, limit: PAGE });
    // The first can still be refused in words; later a file is cut off, so one slow answer is not the end of it.
    const { items, next } = await (after === undefined ? ask() : patiently(ask));
    yield items;
    after = next;
    more = next !== undefined;
  }
}

/** Asks again, a few times, what can be asked as often as one likes. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (const pause of PAUSES_MS) {
    try {
      return await ask();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  return ask();
}

/** The pages of several sources in one order, without what more than one of them has. */
async function* merged(sources: AsyncGenerator<ExportedBill[]>[]): AsyncGenerator<ExportedBill[]> {
  const heads = sources.map((pages) => ({ pages, rest: [] as ExportedBill[], isDone: false }));
  for (;;) {
    for (const head of heads)
      while (head.rest.length === 0 && !head.isDone) {
        const next = await head.pages.next();
        if (next.done) head.isDone = true;
        else head.rest = [...next.value];
      }
    const open = heads.filter(({ rest }) => rest.length > 0);
    if (open.length === 0) return;
    // Everything up to the earliest end of a page is known from all sources.
    const ends = open.flatMap(({ rest }) => rest.at(-1) ?? []);
    const end = ends.reduce((one, other) => (isBefore(other, one) ? other : one));
    const page = new Map<string, ExportedBill>();
    for (const head of open) {
      const count = head.rest.findIndex((bill) => isBefore(end, bill));
      const taken = head.rest.splice(0, count < 0 ? head.rest.length : count);
      for (const bill of taken) page.set(bill.id, page.get(bill.id) ?? bill);
    }
    yield [...page.values()].sort((one, other) => (isBefore(one, other) ? -1 : 1));
  }
}

/** By the time of the event, then by id, byte by byte, as Redis and PostgreSQL order them. */
function isBefore(one: ExportedBill, other: ExportedBill): boolean {
  const apart = Date.parse(one.timestamp) - Date.parse(other.timestamp);
  return apart === 0 ? Buffer.compare(Buffer.from(one.id), Buffer.from(other.id)) < 0 : apart < 0;
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

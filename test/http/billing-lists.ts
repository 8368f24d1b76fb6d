import { expect } from 'vitest';
import { billOf, enterBill } from './billing-data.ts';
import type { TestApi } from './start-api.ts';

export const RECORDS = '/api/billing/records';
export const DISCREPANCIES = '/api/billing/discrepancies';
export const LISTS = [RECORDS, DISCREPANCIES];

type Answer = Awaited<ReturnType<TestApi['app']['inject']>>;
type Item = { id?: string; transferId: string };

/** This minute of a day. */
export function at(minute: number): string {
  return new Date(Date.parse('2026-11-20T00:00:00Z') + minute * 60_000).toISOString();
}

/** The ids on a page: of bills, or of the transfers of discrepancies. */
export function idsOf(answer: Answer): string[] {
  return answer.json().items.map(({ id, transferId }: Item) => id ?? transferId);
}

/** The target of the header `Link`. */
export function linkOf({ headers }: Answer): string | undefined {
  return /^<(\/[^<>\s]+)>; rel="next"$/.exec(String(headers.link ?? ''))?.[1];
}

/** Reads the lists of this API. */
export function createReader(api: () => TestApi) {
  const read = (url: string, accept?: string): Promise<Answer> =>
    api().app.inject({ url, headers: accept === undefined ? {} : { accept } });

  return {
    read,

    /** Adds bills at these minutes of a day, in this order. */
    async enterAt(...minutes: number[]): Promise<string[]> {
      const bills = minutes.map((minute) => billOf({ timestamp: at(minute) }));
      for (const bill of bills) await enterBill(api(), bill);
      return bills.map(({ id }) => id);
    },

    /** Reads all pages by `next` or by the header `Link`, running `between` after each. */
    async readAll(
      url: string,
      { by, between = async () => {} }: { by: 'next' | 'link'; between?: () => Promise<unknown> },
    ): Promise<string[][]> {
      const pages: string[][] = [];
      for (let to: string | undefined = url; to !== undefined; ) {
        const answer = await read(to);
        expect(answer.statusCode, answer.body).toBe(200);
        pages.push(idsOf(answer));
        const { next } = answer.json();
        expect(linkOf(answer) === undefined).toBe(next === null);
        const further = `${url}${url.includes('?') ? '&' : '?'}cursor=${next}`;
        if (by === 'link') to = linkOf(answer);
        else to = next === null ? undefined : further;
        await between();
      }
      return pages;
    },
  };
}

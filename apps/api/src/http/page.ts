import { createHash } from 'node:crypto';
import type { PagePlace } from '@handover/core/redis';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { invalidRequest } from './failures.ts';

const MOST_ITEMS = 1_000;
const USUAL_ITEMS = 100;
const DAY_MS = 86_400_000;

const DATE = z.iso.date();
const DATE_TIME = z.iso.datetime({ offset: true });
const Time = z.string().refine((text) => [DATE, DATE_TIME].some((form) => form.safeParse(text).success), {
  error: 'must be a date such as 2026-11-20, or a time such as 2026-11-20T08:00:00Z',
});

/** The query parameters of a time range. */
export const RangeQuery = z.strictObject({
  from: Time.optional().describe('From this time, inclusive; of a date, from its beginning (UTC).'),
  to: Time.optional().describe('Until this time, exclusive; of a date, until its end (UTC).'),
});

/** The query parameters of a list with a time range. */
export const PageQuerystring = RangeQuery.extend({
  cursor: z
    .string()
    .regex(/^[\w-]{1,400}$/, 'must be the `next` of a page')
    .optional()
    .describe('The `next` of the previous page of the same list, with the same filters.'),
  limit: z
    .string()
    .regex(/^-?\d+$/, 'must be a whole number')
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= MOST_ITEMS, `must be from 1 to ${MOST_ITEMS}`)
    .default(USUAL_ITEMS)
    .describe('How many, at most.')
    .meta({ type: 'integer', minimum: 1, maximum: MOST_ITEMS, default: USUAL_ITEMS }),
});

/** The `next` of a page. */
export const Next = z.string().nullable().describe('The `cursor` of the next page; null on the last one.');

/** A time range, half-open, in epoch milliseconds; an end that was not given is open. */
export type Range = { from: number; to: number };

/** The range of these parameters. Throws `invalid-request` if it ends before it begins. */
export function rangeOf(given: z.output<typeof RangeQuery>): Range {
  const range = endsOf(given);
  if (range.from >= range.to) throw invalidRequest([{ field: 'from', message: NOT_BEFORE }]);
  return range;
}

export const NOT_BEFORE = 'is not before to';

/** The range of these parameters, which may end before it begins. */
export function endsOf({ from, to }: z.output<typeof RangeQuery>): Range {
  const isDate = to !== undefined && DATE.safeParse(to).success;
  const start = from === undefined ? Number.MIN_SAFE_INTEGER : Date.parse(from);
  const end = to === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(to) + (isDate ? DAY_MS : 0);
  return { from: start, to: end };
}

/** Identifies a list with its filters, whose order does not matter; the time range is no filter. */
export type ListName = { list: string; filters?: Record<string, string | undefined> };

/** The cursor that continues this list after this item. */
export function cursorAfter(name: ListName, { at, id }: PagePlace): string {
  return Buffer.from(`${digestOf(name)} ${at} ${id}`).toString('base64url');
}

/** The item after which to continue. Throws `invalid-request` for a cursor of another list, or of other filters. */
export function placeIn(name: ListName, cursor: string | undefined): PagePlace | undefined {
  if (cursor === undefined) return undefined;
  const text = Buffer.from(cursor, 'base64url').toString();
  const [, digest, at, id] = /^([\da-f]{8}) (-?\d{1,16}) (.+)$/s.exec(text) ?? [];
  if (digest !== digestOf(name) || at === undefined || id === undefined) {
    const message = 'must be the `next` of a page of this list, with the same filters';
    throw invalidRequest([{ field: 'cursor', message }]);
  }
  return { at: Number(at), id };
}

function digestOf({ list, filters = {} }: ListName): string {
  const given = Object.entries(filters).filter(([, value]) => value !== undefined);
  return createHash('sha256')
    .update(JSON.stringify([list, given.sort()]))
    .digest('hex')
    .slice(0, 8);
}

/** Sets the header `Link` to the next page, which the query of this request leads to with that cursor. Returns its path. */
export function linkNext({ url, publicPath }: FastifyRequest, reply: FastifyReply, cursor: string): string {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  searchParams.set('cursor', cursor);
  const path = `${publicPath}${pathname}?${searchParams}`;
  reply.header('link', `<${path}>; rel="next"`);
  return path;
}

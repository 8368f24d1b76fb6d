import { discrepancyNames } from '@handover/core/billing';
import type { Page, PagePlace, PageQuery } from '@handover/core/redis';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { invalidRequest } from '../http/failures.ts';
import { documentProblems } from '../http/problems.ts';
import type { Api, ApiParts } from '../parts.ts';
import { csv } from '../reports/csv.ts';
import {
  BillingReportAnswer,
  BillPage,
  DiscrepancyPage,
  PageQuerystring,
  ReportQuerystring,
} from './schemas.ts';
import {
  BILL_COLUMNS,
  billCells,
  billView,
  DISCREPANCY_COLUMNS,
  discrepancyCells,
  discrepancyView,
} from './view.ts';

const tags = ['Billing'];
const security = [{ apiKey: [] }];
const PAGE_PROBLEMS = documentProblems('invalid-request', 'unauthenticated', 'redis-unavailable');
const NEWEST_OPEN = 20;
const JSON_TYPE = 'application/json; charset=utf-8';
/** With the parameters that clients may request; a request with other parameters would get JSON. */
const CSV_TYPE = 'text/csv; charset=utf-8; header=present';

function pageOf<S extends z.ZodType>(schema: S) {
  return {
    description: 'A page.',
    content: { 'application/json': { schema }, 'text/csv': { schema: z.string() } },
  };
}

/** Lists bills and discrepancies, and reports totals. */
export function addBillingRoutes(app: Api, { billing: { store } }: ApiParts): void {
  app.get(
    '/api/billing/records',
    {
      schema: {
        tags,
        security,
        summary: 'Billing records',
        description:
          'Ordered by the time of their event, oldest first, within the retention time. JSON, or CSV if `Accept` asks for `text/csv`; in CSV an apostrophe precedes text that a spreadsheet would run as a formula. `next`, and the `Link` header with `rel="next"`, lead to the next page.',
        querystring: PageQuerystring,
        response: { 200: pageOf(BillPage), ...PAGE_PROBLEMS },
      },
    },
    async (request, reply) => {
      const page = await store.bills(pageQuery(request.query));
      return sendPage(request, reply, page, {
        view: billView,
        columns: BILL_COLUMNS,
        cells: billCells,
      });
    },
  );

  app.get(
    '/api/billing/discrepancies',
    {
      schema: {
        tags,
        security,
        summary: 'Discrepancies',
        description:
          'Disagreements between our record and the events about a transfer of ours, ordered by detection time, oldest first, resolved ones included. Pages and CSV as for the records.',
        querystring: PageQuerystring,
        response: { 200: pageOf(DiscrepancyPage), ...PAGE_PROBLEMS },
      },
    },
    async (request, reply) => {
      const page = await store.discrepancies(pageQuery(request.query));
      return sendPage(request, reply, page, {
        view: discrepancyView,
        columns: DISCREPANCY_COLUMNS,
        cells: discrepancyCells,
      });
    },
  );

  app.get(
    '/api/reports/billing',
    {
      schema: {
        tags: ['Reports'],
        security,
        summary: 'The billing report',
        description:
          'Billing records by day (UTC) and code, transfers of ours with and without a matching event, and the newest open discrepancies.',
        querystring: ReportQuerystring,
        response: { 200: BillingReportAnswer, ...PAGE_PROBLEMS },
      },
    },
    async ({ query: { from = '0000-00-00', to = '9999-99-99' } }, reply) => {
      if (from > to) throw invalidRequest([{ field: 'from', message: 'is after to' }]);
      const [{ days, matched, synthesized, waiting, open }, newest] = await Promise.all([
        store.report(),
        store.newestOpen(NEWEST_OPEN),
      ]);
      const shown = days.filter(({ day }) => day >= from && day <= to);
      const total = (code: string) =>
        shown.filter((one) => one.code === code).reduce((sum, { count }) => sum + count, 0);
      return reply.code(200).send({
        days: shown,
        totals: { TRANSFER_BLIND: total('TRANSFER_BLIND'), TRANSFER_CONSULT: total('TRANSFER_CONSULT') },
        matched,
        unmatched: discrepancyNames.reduce((sum, name) => sum + open[name], 0),
        waiting,
        synthesized,
        discrepancies: open,
        newestDiscrepancies: newest.map(discrepancyView),
      });
    },
  );
}

function pageQuery({ from, to, cursor, limit }: z.output<typeof PageQuerystring>): PageQuery {
  const start = from === undefined ? Number.MIN_SAFE_INTEGER : Date.parse(from);
  const end = to === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(to);
  if (start >= end) throw invalidRequest([{ field: 'from', message: 'is not before to' }]);
  return { from: start, to: end, after: cursor === undefined ? undefined : placeIn(cursor), limit };
}

function placeIn(cursor: string): PagePlace {
  const [, at, id] = /^(-?\d{1,16}) (.+)$/s.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (at === undefined || id === undefined)
    throw invalidRequest([{ field: 'cursor', message: 'must be the `next` of a page' }]);
  return { at: Number(at), id };
}

type Shape<T> = {
  view: (item: T) => unknown;
  columns: string[];
  cells: (item: T) => (string | undefined)[];
};

function sendPage<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  { items, next: after }: Page<T>,
  { view, columns, cells }: Shape<T>,
): FastifyReply {
  const next = after === undefined ? null : Buffer.from(`${after.at} ${after.id}`).toString('base64url');
  if (next !== null)
    reply.header('link', `<${request.publicPath}${nextPath(request.url, next)}>; rel="next"`);
  reply.code(200).header('vary', 'accept');
  if (request.accepts().type([JSON_TYPE, CSV_TYPE]) === CSV_TYPE)
    return reply.type('text/csv; charset=utf-8').send(csv(columns, items.map(cells)));
  return reply.type(JSON_TYPE).send(JSON.stringify({ items: items.map(view), next }));
}

function nextPath(url: string, cursor: string): string {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  searchParams.set('cursor', cursor);
  return `${pathname}?${searchParams}`;
}

import { discrepancyNames } from '@handover/core/billing';
import type { Page, PageQuery } from '@handover/core/redis';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { invalidRequest } from '../http/failures.ts';
import { cursorAfter, linkNext, PageQuerystring, placeIn, rangeOf } from '../http/page.ts';
import { documentProblems } from '../http/problems.ts';
import type { Api, ApiParts } from '../parts.ts';
import { csv } from '../reports/csv.ts';
import { BillingReportAnswer, BillPage, DiscrepancyPage, ReportQuerystring } from './schemas.ts';
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
      config: { needs: 'read' },
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
      const page = await store.bills(pageQuery('bills', request.query));
      return sendPage(request, reply, page, {
        list: 'bills',
        view: billView,
        columns: BILL_COLUMNS,
        cells: billCells,
      });
    },
  );

  app.get(
    '/api/billing/discrepancies',
    {
      config: { needs: 'read' },
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
      const page = await store.discrepancies(pageQuery('discrepancies', request.query));
      return sendPage(request, reply, page, {
        list: 'discrepancies',
        view: discrepancyView,
        columns: DISCREPANCY_COLUMNS,
        cells: discrepancyCells,
      });
    },
  );

  app.get(
    '/api/reports/billing',
    {
      config: { needs: 'read' },
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

function pageQuery(list: string, { cursor, limit, ...range }: z.output<typeof PageQuerystring>): PageQuery {
  return { ...rangeOf(range), after: placeIn({ list }, cursor), limit };
}

type Shape<T> = {
  list: string;
  view: (item: T) => unknown;
  columns: string[];
  cells: (item: T) => (string | undefined)[];
};

function sendPage<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  { items, next: after }: Page<T>,
  { list, view, columns, cells }: Shape<T>,
): FastifyReply {
  const next = after === undefined ? null : cursorAfter({ list }, after);
  if (next !== null) linkNext(request, reply, next);
  reply.code(200).header('vary', 'accept');
  if (request.accepts().type([JSON_TYPE, CSV_TYPE]) === CSV_TYPE)
    return reply.type('text/csv; charset=utf-8').send(csv(columns, items.map(cells)));
  return reply.type(JSON_TYPE).send(JSON.stringify({ items: items.map(view), next }));
}

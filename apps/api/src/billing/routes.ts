import type { Page, PageQuery } from '@handover/core/redis';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { jsonOrCsv, sendJsonOrCsv } from '../http/formats.ts';
import { cursorAfter, linkNext, PageQuerystring, placeIn, rangeOf } from '../http/page.ts';
import { documentProblems } from '../http/problems.ts';
import type { Api, ApiParts } from '../parts.ts';
import { type Cell, csv, remark } from '../reports/csv.ts';
import { BillPage, DiscrepancyPage } from './schemas.ts';
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
/** Lists bills and discrepancies. */
export function addBillingRoutes(app: Api, { billing: { store } }: ApiParts): void {
  app.get(
    '/api/billing/records',
    {
      config: { needs: 'read' },
      schema: {
        operationId: 'listBillingRecords',
        tags,
        security,
        summary: 'Billing records',
        description:
          'Ordered by the time of their event, oldest first, within the retention time. JSON, or CSV if `Accept` asks for `text/csv`; in CSV an apostrophe precedes text that a spreadsheet would run as a formula. `next`, and the `Link` header with `rel="next"`, lead to the next page; a CSV page with one ends with the line `# more: ` and its path.',
        querystring: PageQuerystring,
        response: { 200: jsonOrCsv('A page.', BillPage), ...PAGE_PROBLEMS },
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
        operationId: 'listBillingDiscrepancies',
        tags,
        security,
        summary: 'Discrepancies',
        description:
          'Disagreements between our record and the events about a transfer of ours, ordered by detection time, oldest first, resolved ones included. Pages and CSV as for the records.',
        querystring: PageQuerystring,
        response: { 200: jsonOrCsv('A page.', DiscrepancyPage), ...PAGE_PROBLEMS },
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
}

function pageQuery(list: string, { cursor, limit, ...range }: z.output<typeof PageQuerystring>): PageQuery {
  return { ...rangeOf(range), after: placeIn({ list }, cursor), limit };
}

type Shape<T> = {
  list: string;
  view: (item: T) => unknown;
  columns: string[];
  cells: (item: T) => Cell[];
};

function sendPage<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  { items, next: after }: Page<T>,
  { list, view, columns, cells }: Shape<T>,
): FastifyReply {
  const next = after === undefined ? null : cursorAfter({ list }, after);
  const link = next === null ? undefined : linkNext(request, reply, next);
  return sendJsonOrCsv(request, reply, {
    json: () => ({ items: items.map(view), next }),
    csv: () => csv(columns, items.map(cells)) + (link === undefined ? '' : remark(`more: ${link}`)),
  });
}

import { Readable } from 'node:stream';
import { type BillExport, type ExportedBill, exportBills } from '@handover/core/billing';
import { z } from 'zod';
import { invalidRequest } from '../http/failures.ts';
import { type Range, RangeQuery, rangeOf } from '../http/page.ts';
import { documentProblems } from '../http/problems.ts';
import type { Api, ApiParts } from '../parts.ts';
import { csvRows, remark } from '../reports/csv.ts';
import { BILL_COLUMNS, billCells } from './view.ts';

const ExportQuery = RangeQuery.extend({
  month: z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'must be a month such as 2026-11')
    .optional()
    .describe('This month (UTC); or give `from`, and `to`.'),
}).meta({ example: { month: '2026-11' } });

/** Sends every bill of a month or range in one file. */
export function addBillingExportRoute(app: Api, { billing: { store }, history }: ApiParts): void {
  app.get(
    '/api/billing/export',
    {
      config: { needs: 'read' },
      schema: {
        operationId: 'exportBilling',
        tags: ['Billing'],
        security: [{ apiKey: [] }],
        summary: 'All billing records of a month',
        description:
          'Every billing record of a month, or of a range, as one CSV file, ordered by the time of the event. The last line is `# rows=` and the number of records: a file without it is not whole. If records of the range were made that can no longer be found, the line before it says how many: `# incomplete: …`.',
        querystring: ExportQuery,
        response: {
          200: { description: 'The file.', content: { 'text/csv': { schema: z.string() } } },
          ...documentProblems(
            'invalid-request',
            'unauthenticated',
            'redis-unavailable',
            'history-unavailable',
          ),
        },
      },
    },
    async ({ query }, reply) => {
      const whole = exportBills(store, exportedRange(query), history);
      const lines = linesOf(whole, history !== undefined)[Symbol.asyncIterator]();
      // What fails before the first page is answered as a problem; later the connection is cut off.
      const first = await lines.next();
      return (
        reply
          .type('text/csv; charset=utf-8')
          .header('content-disposition', `attachment; filename="${fileName(query)}"`)
          // Fastify streams it; the schema describes its text.
          .send(Readable.from(continued(first.value ?? '', lines)) as unknown as string)
      );
    },
  );
}

function exportedRange({ month, from, to }: z.output<typeof ExportQuery>): Range {
  if (month === undefined) {
    if (from === undefined)
      throw invalidRequest([{ field: 'month', message: 'is missing: give month, or from and to' }]);
    return rangeOf({ from, to });
  }
  for (const [field, value] of Object.entries({ from, to }))
    if (value !== undefined) throw invalidRequest([{ field, message: 'cannot be combined with month' }]);
  const [year = 0, number = 0] = month.split('-').map(Number);
  return { from: Date.parse(`${month}-01`), to: Date.UTC(year, number) };
}

function fileName({ month, from = '', to }: z.output<typeof ExportQuery>): string {
  const range = [from, ...(to === undefined ? [] : [to])].map((time) => time.replaceAll(/[^\dTZ-]/g, ''));
  return `billing-${month ?? range.join('-to-')}.csv`;
}

async function* linesOf({ pages, told }: BillExport, hasHistory: boolean): AsyncGenerator<string> {
  let header = csvRows([BILL_COLUMNS]);
  for await (const page of pages) {
    yield header + csvRows(page.map((bill: ExportedBill) => billCells(bill)));
    header = '';
  }
  const { rows, missing } = told();
  const why = hasHistory
    ? 'are not in the history either'
    : 'the history is not configured (HISTORY_DATABASE_URL)';
  const words = `${missing} more were made and are no longer in Redis (TRANSFER_RETENTION_MS); ${why}`;
  yield (missing > 0 ? remark(`incomplete: ${words}`) : '') + remark(`rows=${rows}`);
}

async function* continued(first: string, rest: AsyncIterator<string>): AsyncGenerator<string> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

import { discrepancyNames } from '@handover/core/billing';
import { RangeQuery, rangeOf } from '../http/page.ts';
import { documentProblems } from '../http/problems.ts';
import type { Api, ApiParts } from '../parts.ts';
import { BillingReportAnswer } from './schemas.ts';
import { discrepancyView } from './view.ts';

const NEWEST_OPEN = 20;
const LAST_DAY = Date.parse('9999-12-31T23:59:59.999Z');

/** Reports totals of bills. */
export function addBillingReportRoute(app: Api, { billing: { store } }: ApiParts): void {
  app.get(
    '/api/reports/billing',
    {
      config: { needs: 'read' },
      schema: {
        operationId: 'getBillingReport',
        tags: ['Reports'],
        security: [{ apiKey: [] }],
        summary: 'The billing report',
        description:
          'Billing records by day (UTC) and code, transfers of ours with and without a matching event, and the newest open discrepancies. A range is widened to whole days.',
        querystring: RangeQuery,
        response: {
          200: BillingReportAnswer,
          ...documentProblems('invalid-request', 'unauthenticated', 'redis-unavailable'),
        },
      },
    },
    async ({ query }, reply) => {
      const { from, to } = rangeOf(query);
      const [first, last] = [dayOf(from), dayOf(to - 1)];
      const [{ days, matched, synthesized, waiting, open }, newest] = await Promise.all([
        store.report(),
        store.newestOpen(NEWEST_OPEN),
      ]);
      const shown = days.filter(({ day }) => day >= first && day <= last);
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

function dayOf(ms: number): string {
  return new Date(Math.min(Math.max(ms, 0), LAST_DAY)).toISOString().slice(0, 10);
}

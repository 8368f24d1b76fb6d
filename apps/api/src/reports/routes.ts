import { reportQuality } from '@handover/core/reports';
import { invalidRequest } from '../http/failures.ts';
import { jsonOrCsv, sendJsonOrCsv } from '../http/formats.ts';
import { rangeOf } from '../http/page.ts';
import { documentProblems } from '../http/problems.ts';
import type { Api, ApiParts } from '../parts.ts';
import { QualityQuerystring, QualityReport } from './quality.ts';
import { qualityCsv, qualityView } from './quality-view.ts';

/** Reports outcomes. */
export function addReportRoutes(app: Api, { counters, history }: ApiParts): void {
  app.get(
    '/api/reports/quality',
    {
      config: { needs: 'read' },
      schema: {
        operationId: 'getQualityReport',
        tags: ['Reports'],
        security: [{ apiKey: [] }],
        summary: 'The QA report',
        description:
          'Outcomes of live transfers, over all workers and restarts: since the first transfer, or in a range, which is widened to whole hours or days (UTC). An outcome counts when it is settled. A replayed transfer ends again, and both outcomes count. Rejections are counted separately. `by=minute` covers the last two hours, over all transfers. Hours are kept for 35 days, days for 400. JSON, or CSV if `Accept` asks for `text/csv`.',
        querystring: QualityQuerystring,
        response: {
          200: jsonOrCsv('The report.', QualityReport),
          ...documentProblems(
            'invalid-request',
            'unauthenticated',
            'redis-unavailable',
            'history-unavailable',
          ),
        },
      },
    },
    async (request, reply) => {
      const { from, to, by, ...filters } = request.query;
      const range = rangeOf({ from, to });
      const asked = {
        ...{ by, ...filters },
        from: from === undefined ? undefined : range.from,
        to: to === undefined ? undefined : range.to,
      };
      const answer = await reportQuality(counters, asked, history);
      if ('refused' in answer) throw invalidRequest([answer.refused]);
      return sendJsonOrCsv(request, reply, {
        json: () => qualityView(answer, by),
        csv: () => qualityCsv(answer, by),
      });
    },
  );
}

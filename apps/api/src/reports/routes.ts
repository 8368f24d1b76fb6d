import { documentProblems } from '../http/problems.ts';
import type { Api, ApiParts } from '../parts.ts';
import { QualityReport, qualityReport } from './quality.ts';

/** Reports outcomes. */
export function addReportRoutes(app: Api, { live }: ApiParts): void {
  app.get(
    '/api/reports/quality',
    {
      config: { needs: 'read' },
      schema: {
        tags: ['Reports'],
        security: [{ apiKey: [] }],
        summary: 'The QA report',
        description:
          'Outcomes of live transfers, over all workers and restarts. Rejections are counted separately.',
        response: { 200: QualityReport, ...documentProblems('unauthenticated', 'redis-unavailable') },
      },
    },
    async (_request, reply) => reply.code(200).send(qualityReport(await live.store.report())),
  );
}

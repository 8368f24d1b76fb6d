import { z } from 'zod';
import { documentProblems } from '../http/problems.ts';
import type { Api, ApiParts } from '../parts.ts';

/** Shows the configuration of this process. */
export function addConfigurationRoute(app: Api, { described }: Pick<ApiParts, 'described'>): void {
  app.get(
    '/api/configuration',
    {
      config: { needs: 'configure' },
      schema: {
        operationId: 'getConfiguration',
        tags: ['Operation'],
        summary: 'The configuration',
        description: 'Every variable of this API that is set or has a default, with secrets masked.',
        response: { 200: z.record(z.string(), z.string()), ...documentProblems('unauthenticated') },
      },
    },
    async (_request, reply) => reply.code(200).send({ ...described }),
  );
}

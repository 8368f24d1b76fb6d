import { openDialect } from '@handover/core/genesys';
import { createBatchStore } from '@handover/core/redis';
import { actorOf } from '../http/auth.ts';
import { UnreadableBody } from '../http/idempotency.ts';
import { documentProblems, underPath } from '../http/problems.ts';
import type { Api, ApiParts } from '../parts.ts';
import { type BatchResult, submitBatch } from './batch.ts';
import { idempotencyOf } from './routes.ts';
import { BatchAnswer, BatchBody, IdempotencyHeaders } from './schemas.ts';
import { keyReused } from './submit.ts';

const ROUTE = 'POST /api/transfers/batch';
const BODY_LIMIT_BYTES = 4 * 1024 * 1024;

/** Accepts a batch of transfers. */
export function addBatchRoute(app: Api, { live, memory, log, redis, config }: ApiParts): void {
  const batches = createBatchStore<BatchResult>(redis, live.store.lane, config.policy);
  const { checkRequest } = openDialect(config.genesys.dialect);
  const intake = { ...live, checkRequest, memory, log, batches };

  app.post(
    '/api/transfers/batch',
    {
      bodyLimit: BODY_LIMIT_BYTES,
      attachValidation: true,
      config: { allowsUnreadableBody: true, isTraced: true, needs: 'submit' },
      preValidation: async (request) => {
        request.idempotency = idempotencyOf(request, ROUTE);
      },
      schema: {
        operationId: 'submitTransfers',
        tags: ['Transfers'],
        security: [{ apiKey: [] }],
        summary: 'Submit up to 1,000 transfers',
        description:
          'Each transfer is accepted or rejected separately: an invalid one does not affect the others. Results are in the order of the transfers. With an `Idempotency-Key` a repeated request gets the same results.',
        headers: IdempotencyHeaders,
        body: BatchBody,
        response: {
          200: BatchAnswer,
          ...documentProblems(
            'invalid-request',
            'malformed-json',
            'empty-body',
            'invalid-idempotency-key',
            'unauthenticated',
            'body-too-large',
            'unsupported-media-type',
            'idempotency-key-reused',
            'redis-unavailable',
            'redis-full',
          ),
        },
      },
    },
    async (request, reply) => {
      const { validationError, idempotency: key } = request;
      const body: unknown = request.body;
      const refusal = body instanceof UnreadableBody ? body.error : validationError;
      if (refusal != null) {
        if (key !== undefined && (await batches.isOther(actorOf(request), key))) throw keyReused();
        throw refusal;
      }
      const items = request.body.transfers;
      const batch = { items, actor: actorOf(request), key, span: request.span };
      const { results, replayed } = await submitBatch(intake, batch);
      if (replayed) reply.header('idempotency-replayed', 'true');
      return reply.code(200).send({ results: results.map((result) => linked(result, request.publicPath)) });
    },
  );
}

function linked(result: BatchResult, publicPath: string): BatchResult {
  return 'problem' in result ? { ...result, problem: underPath(result.problem, publicPath) } : result;
}

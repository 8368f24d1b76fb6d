import { createTrainingStore, type TrainingRun } from '@handover/core/redis';
import { Id } from '@handover/core/transfer';
import { z } from 'zod';
import { cursorAfter, linkNext, placeIn, rangeOf } from '../http/page.ts';
import { documentProblems, Problem } from '../http/problems.ts';
import type { Api, ApiParts } from '../parts.ts';
import { TimelineEntryBody } from '../transfers/schemas.ts';
import { entryView } from '../transfers/view.ts';
import { notConfigured } from './sandbox.ts';
import { RunsQuery, Scenarios, TrainingRunBody, TrainingRuns } from './schemas.ts';

const tags = ['Simulator'];
const needs = ['train', 'read'] as const;

/** Shows what can be practised, and what was. */
export function addTrainingRoutes(app: Api, { simulated: { store }, sandbox, redis }: ApiParts): void {
  const runs = createTrainingStore(redis, store.lane);

  app.get(
    '/api/simulator/scenarios',
    {
      config: { needs },
      schema: {
        operationId: 'listScenarios',
        tags,
        summary: 'What can be practised',
        description: 'Each scenario: what happens, what should be done, and how a run should end.',
        response: {
          200: Scenarios,
          ...documentProblems('unauthenticated', 'simulator-not-configured', 'sandbox-unreachable'),
        },
      },
    },
    async (_request, reply) => {
      if (sandbox === undefined) throw notConfigured();
      return reply.code(200).send({ items: await sandbox.scenarios() });
    },
  );

  app.get(
    '/api/simulator/runs',
    {
      config: { needs },
      schema: {
        operationId: 'listTrainingRuns',
        tags,
        summary: 'Training runs',
        description:
          'Of a trainee, a class, or all, newest first. They are kept for 400 days, at most the latest 20,000.',
        querystring: RunsQuery,
        response: {
          200: TrainingRuns,
          ...documentProblems('invalid-request', 'unauthenticated', 'redis-unavailable'),
        },
      },
    },
    async (request, reply) => {
      const { from, to, cursor, limit, ...filters } = request.query;
      const name = { list: 'training-runs', filters };
      const query = { ...rangeOf({ from, to }), after: placeIn(name, cursor), limit };
      const page = await runs.page(filters, query);
      const next = page.next === undefined ? null : cursorAfter(name, page.next);
      if (next !== null) linkNext(request, reply, next);
      return reply.code(200).send({ items: page.items.map(runView), next });
    },
  );

  app.get(
    '/api/simulator/runs/:id',
    {
      config: { needs },
      schema: {
        operationId: 'getTrainingRun',
        tags,
        summary: 'A training run',
        description: 'With the timeline of its simulated transfer, as long as that is kept.',
        params: z.object({ id: Id.describe('The id of a run.') }),
        response: {
          200: TrainingRunBody.extend({ timeline: z.array(TimelineEntryBody) }).meta({
            id: 'TrainingRunTold',
          }),
          ...documentProblems('invalid-request', 'unauthenticated', 'run-not-found', 'redis-unavailable'),
        },
      },
    },
    async ({ params: { id } }, reply) => {
      const [run, transfer] = await Promise.all([runs.get(id), store.get(id)]);
      if (run === undefined) throw new Problem('run-not-found', `There is no training run ${id}.`);
      return reply.code(200).send({ ...runView(run), timeline: (transfer?.timeline ?? []).map(entryView) });
    },
  );
}

/** A training run as sent over HTTP. */
export function runView({ at, transferType, predicted, ...run }: TrainingRun) {
  const words = { transferType, predicted } as Pick<
    z.infer<typeof TrainingRunBody>,
    'transferType' | 'predicted'
  >;
  return { ...run, ...words, at: new Date(at).toISOString() };
}

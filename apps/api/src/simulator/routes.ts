import { createTrainingStore, redisNow, type TrainingRun } from '@handover/core/redis';
import type { Outcome, TransferRequest } from '@handover/core/transfer';
import type { z } from 'zod';
import { actorOf } from '../http/auth.ts';
import { answerFailure } from '../http/failures.ts';
import { documentProblems } from '../http/problems.ts';
import type { Api, ApiParts } from '../parts.ts';
import { waitForOutcome } from '../transfers/outcome.ts';
import { submitOne } from '../transfers/submit.ts';
import { tooManyWaits, type Waits } from '../transfers/waits.ts';
import { simulatorAnswer } from './answer.ts';
import { endOf, expectedEnd, isMet, isRight } from './judge.ts';
import { runView } from './run-routes.ts';
import { notConfigured, type ScenarioTold } from './sandbox.ts';
import { SimulatorAnswer, SimulatorBody } from './schemas.ts';

const ANSWER_WITHIN_MS = 30_000;
const MARGIN_MS = 500;

type Ids = { userId: string; callId: string; targetQueueId: string; fallbackQueueId?: string | undefined };

/** The training simulator: the real pipeline in its own lane, against the sandbox. */
export function addSimulatorRoute(
  app: Api,
  { simulated, sandbox, changes, memory, redis, log, config }: ApiParts,
  waits: Waits,
): void {
  const { store } = simulated;
  const runs = createTrainingStore(redis, store.lane);
  const { dialect } = config.genesys;
  // A training run moves calls to queues only, which every dialect can, and may invent its ids.
  const intake = { ...simulated, checkRequest: () => [], memory, log };

  app.post(
    '/api/simulator/transfer',
    {
      config: { isTraced: true, needs: 'train' },
      errorHandler: (error, request, reply) => {
        // No route serves simulated transfers, so a link to the holder would be dead.
        answerFailure(error, request, reply, ({ message }) => ({ error: message, holder: undefined }));
      },
      schema: {
        operationId: 'simulateTransfer',
        tags: ['Simulator'],
        security: [{ apiKey: [] }],
        summary: 'Move a simulated call',
        description:
          'Runs a transfer through the real pipeline, queue included, against the sandbox, and waits up to 30 s for its outcome. Never touches a live call or a live metric. Every problem also has `error`.',
        body: SimulatorBody,
        response: {
          200: SimulatorAnswer,
          ...documentProblems(
            'invalid-request',
            'unknown-scenario',
            'malformed-json',
            'empty-body',
            'unauthenticated',
            'simulated-transfer-refused',
            'call-already-in-transfer',
            'simulated-transfer-conflict',
            'too-many-waits',
            'body-too-large',
            'unsupported-media-type',
            'simulated-transfer-failed',
            'simulator-not-configured',
            'sandbox-unreachable',
            'redis-unavailable',
            'redis-full',
          ),
        },
      },
    },
    async (request, reply) => {
      const answerBy = performance.now() + ANSWER_WITHIN_MS - MARGIN_MS;
      if (sandbox === undefined) throw notConfigured();
      // A run goes on if its client disconnects (a page that is reloaded then finds the outcome), so it counts until it is over.
      const release = waits.take(actorOf(request));
      if (release === undefined) throw tooManyWaits(waits);
      try {
        const { scenario, userId, callId, targetQueueId, fallbackQueueId } = request.body;
        const [ids, told] = await Promise.all([
          sandbox.prepare({ scenario, userId, callId, targetQueueId, fallbackQueueId }),
          sandbox.scenarios(),
        ]);
        const expiresAt = (await redisNow(redis)) + answerBy - performance.now();
        const read = () => simulatedRequest(request.body, ids, Math.round(expiresAt));
        const submitted = { actor: actorOf(request), key: undefined, read, span: request.span };
        const { id } = await submitOne(intake, submitted);
        request.about = { transfer: id, call: ids.callId };
        const watch = changes.watch(store.keys.changed, id);
        const transfer = await waitForOutcome(store, watch, id, answerBy - performance.now());
        const { body } = request;
        const practised = {
          ...{ transferType: body.transferType, hasFallback: fallbackQueueId !== undefined, dialect },
          told: told.find((one) => one.scenario === scenario),
        };
        // The run is over, whether Redis takes it or not.
        const run = await runs
          .add(
            runOf({
              id,
              by: actorOf(request).name,
              body,
              practised,
              outcome: transfer?.record.outcome ?? null,
            }),
          )
          .catch((error: unknown) => void log.warn({ transfer: id, err: error }, 'training.run-not-stored'));
        return reply.code(200).send(simulatorAnswer(transfer, run && runView(run)));
      } finally {
        release();
      }
    },
  );
}

type Finished = {
  id: string;
  by: string;
  body: z.infer<typeof SimulatorBody>;
  practised: Parameters<typeof expectedEnd>[1] & { told: ScenarioTold | undefined };
  outcome: Outcome | null;
};

/** What came of a run, and whether that is right. */
function runOf({ id, by, body, practised, outcome }: Finished): Omit<TrainingRun, 'at'> {
  const { scenario, trainee, class: group, predicted } = body;
  const { transferType, hasFallback, told } = practised;
  const expected = expectedEnd(told, practised);
  const ended = outcome === null ? null : endOf(outcome);
  return {
    ...{ id, by, trainee, class: group, scenario, transferType, hasFallback, expected, ended, predicted },
    met: isMet(expected, ended),
    ...(predicted !== undefined && { predictionMet: isRight(predicted, ended) }),
  };
}

/** Its deadline is the time of the answer, so that nothing is sent afterwards. */
function simulatedRequest(
  { transferType, wrapUpCodeId }: z.infer<typeof SimulatorBody>,
  { callId, userId, targetQueueId, fallbackQueueId }: Ids,
  expiresAt: number,
): TransferRequest {
  return {
    callId,
    userId,
    transferType,
    target: { type: 'queue', id: targetQueueId },
    fallback: fallbackQueueId === undefined ? undefined : { type: 'queue', id: fallbackQueueId },
    wrapUpCodeId,
    expiresAt,
  };
}

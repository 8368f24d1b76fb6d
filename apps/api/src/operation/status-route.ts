import {
  countBillingDeadLetters,
  countWorkers,
  createBudget,
  createPauseStore,
  historyLag,
  longestWaitMs,
  readAnswersLately,
  readGenesysState,
  readReceiver,
  readWebhookState,
  webhookView,
} from '@handover/core/redis';
import { documentProblems } from '../http/problems.ts';
import { isConnected } from '../http/redis-gate.ts';
import { queuesOf } from '../operators/queue-routes.ts';
import type { Api, ApiParts } from '../parts.ts';
import { readiness } from './readiness.ts';
import { statusOf } from './standing.ts';
import { type Facts, Status } from './standing-words.ts';

/** Tells people in plain words how the system is; also while Redis is away. */
export function addStatusRoute(app: Api, parts: ApiParts): void {
  const facts = factsOf(parts);

  app.get(
    '/api/status',
    {
      config: { needs: 'read' },
      schema: {
        operationId: 'getStatus',
        tags: ['Operation'],
        security: [{ apiKey: [] }, { operator: [] }],
        summary: 'How is the system?',
        description:
          'In plain words: what works, what waits and why, what to do, with the page of the runbook. The whole is as its worst part. `/readyz` is for machines.',
        response: { 200: Status, ...documentProblems('unauthenticated') },
      },
    },
    async (_request, reply) => reply.code(200).send(statusOf(await facts())),
  );
}

function factsOf(parts: ApiParts): () => Promise<Facts> {
  const { config, redis, live, billing } = parts;
  const { lane } = live.store;
  const budget = createBudget(redis, lane, config.genesys.budget);
  const pauses = createPauseStore(redis, lane);

  async function look(): Promise<NonNullable<Facts['seen']>> {
    const [genesys, answers, remaining, limit, paused, counts, newestDeadAt] = await Promise.all([
      readGenesysState(redis, lane),
      readAnswersLately(redis, lane),
      budget.remaining(),
      budget.limit(),
      pauses.pausedQueues(queuesOf(parts)),
      live.store.counts(),
      live.store.newestDeadAt(),
    ]);
    const [jobs, oldestWaitMs, workers, billingDeadLetters, bills, webhook] = await Promise.all([
      live.queue.getJobCounts('prioritized', 'wait'),
      longestWaitMs(redis, live.queue, live.store.keys),
      countWorkers(redis, lane.prefix),
      countBillingDeadLetters(billing),
      billing.store.report(),
      readWebhookState(redis, lane),
    ]);
    const [behind, receivers] = await Promise.all([
      historyLag(redis, lane),
      Promise.all(
        config.callbacks.keys.map(async (key) => ({ key, ...(await readReceiver(redis, lane, key)) })),
      ),
    ]);
    const disabled = billing.deliveries
      .map(({ name }) => name)
      .filter((name) => paused.some(({ queue }) => queue === name));
    return {
      token: genesys.token,
      tokenDetail: genesys.tokenDetail,
      answers: {
        ...answers,
        lastFailedAt: answers.lastFailedAt === undefined ? null : iso(answers.lastFailedAt),
      },
      holdOffUntil: genesys.holdOffUntil,
      holds: genesys.holds ?? [],
      remaining,
      limit,
      paused: paused.map(({ since, ...rest }) => ({ ...rest, since: since === null ? null : iso(since) })),
      open: counts.open,
      waiting: (jobs.prioritized ?? 0) + (jobs.wait ?? 0),
      oldestWaitMs,
      workers,
      deadLetters: counts.deadLetters,
      newestDeadAt: newestDeadAt === undefined ? null : iso(newestDeadAt),
      billingDeadLetters,
      unconfirmed: counts.unconfirmed,
      discrepancies: Object.values(bills.open).reduce((sum, count) => sum + count, 0),
      billingWaits: bills.waiting,
      disabled,
      webhook: webhookView(webhook),
      callbacks: {
        waiting: receivers.reduce((sum, { waiting }) => sum + waiting, 0),
        failing: receivers.flatMap(({ key, failingSince }) =>
          failingSince === undefined ? [] : [{ key, since: iso(failingSince) }],
        ),
      },
      history: behind,
    };
  }

  return async () => {
    const [ready, seen] = await Promise.all([
      readiness(parts),
      isConnected(redis) ? look().catch(() => undefined) : undefined,
    ]);
    const { mode, recovery, replicas, redis: state, redisDetail, durability } = ready;
    const isReady = state === 'connected' && seen !== undefined;
    return {
      ...{ mode, recovery, replicas, seen: isReady ? seen : undefined, isBillingOn: config.billing.isOn },
      hasReceivers: config.callbacks.keys.length > 0,
      hasHistory: config.history.url !== undefined,
      redis: { isReady, detail: redisDetail, durability },
    };
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

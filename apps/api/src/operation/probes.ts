import { discrepancyNames } from '@handover/core/billing';
import { version } from '@handover/core/config';
import {
  observeBilling,
  observeBudget,
  observeCallbacks,
  observeDurability,
  observeHistory,
  observeRedis,
  observeStanding,
} from '@handover/core/metrics';
import {
  countBillingDeadLetters,
  createBudget,
  createHoldOff,
  deliveryQueueName,
  historyLag,
  longestWaitMs,
  presenceStanding,
  type RedisClient,
  readReceiver,
  readWebhookState,
  redisNow,
} from '@handover/core/redis';
import { modes } from '@handover/core/transfer';
import type { Queue } from 'bullmq';
import { z } from 'zod';
import type { Guard } from '../http/auth.ts';
import { documentProblems } from '../http/problems.ts';
import { isConnected } from '../http/redis-gate.ts';
import type { Api, ApiParts, LaneParts } from '../parts.ts';
import { Readiness, readiness } from './readiness.ts';

const tags = ['Operation'];
const ReadyAnswer = z.union([Readiness, Readiness.pick({ status: true })]);
/** BullMQ counts a held queue as having started this many jobs; more than workers start within a second. */
const HELD = 1_000_000;

/** For orchestrators and Prometheus. Whether a process is alive or ready needs no key; the details do. */
export function addProbeRoutes(app: Api, parts: ApiParts, guard: Pick<Guard, 'may'>): void {
  const { registry, redis, live, simulated, followUps, callbacks, billing } = parts;
  const { mode } = parts.config;
  const queues = [live.queue, followUps, callbacks.queue, billing.queue, ...billing.deliveries];
  observeStanding(registry, mode, standing(redis, live, queues));
  observeStanding(registry, 'simulated', standing(redis, simulated, [simulated.queue]));
  observeBilling(registry, billingStanding(parts), mode);
  observeCallbacks(registry, callbackStanding(parts), mode);
  const budget = createBudget(redis, live.store.lane, parts.config.genesys.budget);
  observeBudget(registry, async () => (await asker(redis)(budget.remaining)) ?? Number.NaN, mode);
  observeHistory(registry, () => asker(redis)(() => historyLag(redis, live.store.lane)), mode);
  observeRedis(registry, presenceStanding(parts.presence, parts.config.replicas.forIntents), mode);
  observeDurability(
    registry,
    () => {
      const found = parts.access.known();
      if (found?.usable !== true) return undefined;
      const { durable } = found.durability;
      return durable === 'unknown' ? undefined : durable;
    },
    mode,
  );

  app.get(
    '/healthz',
    {
      schema: {
        operationId: 'getHealth',
        tags,
        summary: 'Is the process alive?',
        description: 'Depends on nothing but the process itself.',
        response: {
          200: z.object({
            status: z.literal('alive'),
            mode: z.enum(modes),
            version: z.string().describe('Of Handover.'),
          }),
          ...documentProblems(),
        },
      },
    },
    async (_request, reply) => reply.code(200).send({ status: 'alive', mode, version }),
  );

  app.get(
    '/readyz',
    {
      schema: {
        operationId: 'getReadiness',
        tags,
        summary: 'Can the API serve?',
        description:
          'Ready if a script can write to Redis now. With a key or login the body also shows Redis and the last known state of Genesys.',
        response: {
          200: ReadyAnswer,
          ...documentProblems(),
          503: ReadyAnswer.describe(
            'Redis is unavailable or denies what is needed, or the process is stopping.',
          ),
        },
      },
    },
    async (request, reply) => {
      const [found, isShown] = await Promise.all([readiness(parts), guard.may(request, 'observe')]);
      // The load balancer must stop routing here, although requests are still served.
      const status = app.isStopping() ? ('stopping' as const) : found.status;
      return reply.code(status === 'ready' ? 200 : 503).send(isShown ? { ...found, status } : { status });
    },
  );

  app.get(
    '/metrics',
    {
      config: { needs: 'observe' },
      schema: {
        operationId: 'getMetrics',
        tags,
        summary: 'Metrics for Prometheus',
        description: 'Metrics of this process, of the queues, and of transfers that this process settled.',
        response: {
          200: { description: 'The metrics.', content: { 'text/plain': { schema: z.string() } } },
          ...documentProblems('unauthenticated'),
        },
      },
    },
    async (_request, reply) =>
      reply
        .code(200)
        .type(registry.contentType)
        .send(await registry.metrics()),
  );
}

/** Queries Redis; returns `undefined` if it is unavailable. */
function asker(redis: RedisClient) {
  return async <T>(ask: () => Promise<T>): Promise<T | undefined> =>
    isConnected(redis) ? ask().catch(() => undefined) : undefined;
}

/** The current figures of a lane. While Redis is unavailable they are NaN, never stale values. */
function standing(
  redis: RedisClient,
  { store, queue: transfers }: LaneParts,
  queues: Pick<Queue, 'name' | 'getJobCounts' | 'isPaused'>[],
): Parameters<typeof observeStanding>[2] {
  const askRedis = asker(redis);
  const holdOff = createHoldOff(redis, store.keys.holdOff);
  return {
    longestWaitMs: async () =>
      (await askRedis(() => longestWaitMs(redis, transfers, store.keys))) ?? Number.NaN,
    async holdOffMs() {
      const known = await askRedis(() => Promise.all([holdOff.heldUntil(), redisNow(redis)]));
      if (known === undefined) return Number.NaN;
      const [until = 0, now] = known;
      return Math.max(0, until - now);
    },
    async queueHeldMs() {
      const ttlMs = await askRedis(() => transfers.getRateLimitTtl(HELD));
      return ttlMs === undefined ? Number.NaN : Math.max(0, ttlMs);
    },
    queues: queues.map((queue) => {
      let seen: Record<string, number> = {};
      return {
        queue: queue.name,
        async isPaused() {
          const found = await askRedis(() => queue.isPaused());
          return found === undefined ? Number.NaN : Number(found);
        },
        async jobs() {
          seen = (await askRedis(() => queue.getJobCounts())) ?? notNumbers(seen);
          return seen;
        },
      };
    }),
    async counts() {
      const known = await askRedis(store.counts);
      return known ?? { unconfirmed: Number.NaN, deadLetters: Number.NaN };
    },
  };
}

function billingStanding({ config, redis, billing, live }: ApiParts): Parameters<typeof observeBilling>[1] {
  const askRedis = asker(redis);
  const unknown = Object.fromEntries(discrepancyNames.map((name) => [name, Number.NaN]));
  return {
    open: async () =>
      (await askRedis(billing.store.openDiscrepancies)) ??
      (unknown as Record<(typeof discrepancyNames)[number], number>),
    deadLetters: async () => (await askRedis(() => countBillingDeadLetters(billing))) ?? Number.NaN,
    async disabled(destination) {
      const queue = billing.deliveries.find(({ name }) => name === deliveryQueueName(destination));
      const isPaused = await askRedis(async () => queue?.isPaused());
      return isPaused === undefined ? Number.NaN : Number(isPaused);
    },
    async matchAgeMs() {
      if (!config.billing.isOn) return Number.NaN;
      return (await askRedis(billing.store.matchAgeMs)) ?? Number.NaN;
    },
    async webhookRegistered() {
      const webhook = await askRedis(() => readWebhookState(redis, live.store.lane));
      return webhook === undefined ? Number.NaN : Number(webhook.state === 'registered');
    },
  };
}

function callbackStanding({ config, redis, live }: ApiParts): Parameters<typeof observeCallbacks>[1] {
  const askRedis = asker(redis);
  return {
    keys: config.callbacks.keys,
    async of(key) {
      const known = await askRedis(() =>
        Promise.all([readReceiver(redis, live.store.lane, key), redisNow(redis)]),
      );
      if (known === undefined) return { waiting: Number.NaN, failingMs: Number.NaN };
      const [{ waiting, failingSince }, now] = known;
      return { waiting, failingMs: failingSince === undefined ? 0 : Math.max(0, now - failingSince) };
    },
  };
}

function notNumbers(states: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.keys(states).map((state) => [state, Number.NaN]));
}

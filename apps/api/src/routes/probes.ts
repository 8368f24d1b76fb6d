import { observeStanding } from '@handover/core/metrics';
import { z } from 'zod';
import type { Api, ApiParts } from '../parts.ts';
import { documentProblems } from '../problems.ts';
import { Readiness, readiness } from '../readiness.ts';
import { isConnected } from '../redis-gate.ts';

const tags = ['Operation'];

/** For orchestrators and Prometheus; nobody needs a key. */
export function addProbeRoutes(app: Api, parts: ApiParts): void {
  const { registry } = parts;
  observeStanding(registry, standing(parts));

  app.get(
    '/healthz',
    {
      schema: {
        tags,
        summary: 'Is the process alive?',
        description: 'Answers as long as the process does; it asks nobody else.',
        response: { 200: z.object({ status: z.literal('alive') }), ...documentProblems() },
      },
    },
    async (_request, reply) => reply.code(200).send({ status: 'alive' }),
  );

  app.get(
    '/readyz',
    {
      schema: {
        tags,
        summary: 'Can the API serve?',
        description: 'Fails for Redis and configuration only; the body also tells how Genesys was seen last.',
        response: {
          200: Readiness,
          ...documentProblems(),
          503: Readiness.describe('Redis is unavailable.'),
        },
      },
    },
    async (_request, reply) => {
      const answer = await readiness(parts);
      return reply.code(answer.status === 'ready' ? 200 : 503).send(answer);
    },
  );

  app.get(
    '/metrics',
    {
      schema: {
        tags,
        summary: 'Metrics for Prometheus',
        description: 'This process, the standing of the queues, and what this process itself has ended.',
        response: {
          200: { description: 'The metrics.', content: { 'text/plain': { schema: z.string() } } },
          ...documentProblems(),
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

/** What the queues hold. Figures that cannot be had now are shown as not a number, never as old ones. */
function standing({ redis, live, simulated }: ApiParts): Parameters<typeof observeStanding>[1] {
  const queues = [live.queue, simulated.queue];
  const seen: Record<string, Record<string, number>> = {};
  const askRedis = async <T>(ask: () => Promise<T>): Promise<T | undefined> =>
    isConnected(redis) ? ask().catch(() => undefined) : undefined;

  async function jobs() {
    await Promise.all(
      queues.map(async (queue) => {
        const counts = await askRedis(() => queue.getJobCounts());
        seen[queue.name] = counts ?? notNumbers(seen[queue.name] ?? {});
      }),
    );
    return seen;
  }

  async function counts() {
    const known = await askRedis(live.store.counts);
    return known ?? { unconfirmed: Number.NaN, deadLetters: Number.NaN };
  }

  return { jobs, counts };
}

function notNumbers(states: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.keys(states).map((state) => [state, Number.NaN]));
}

import type { PauseStore } from '@handover/core/redis';
import type { Queue } from 'bullmq';
import { z } from 'zod';
import { actorOf } from '../http/auth.ts';
import { documentProblems, Problem } from '../http/problems.ts';
import type { Api, ApiParts } from '../parts.ts';
import { ReplayBody } from './schemas.ts';

const QueueAnswer = z
  .object({
    queue: z.string(),
    paused: z.boolean(),
    since: z.string().nullable().meta({ format: 'date-time' }),
    actor: z
      .string()
      .nullable()
      .describe('Who paused it: `operator:anna`, `worker:host-1`; null if unknown.'),
    reason: z.string().nullable(),
  })
  .meta({ id: 'QueueState' });
type QueueAnswer = z.infer<typeof QueueAnswer>;

const RESUMED = { paused: false, since: null, actor: null, reason: null };

/** The queues that operators may pause, as Bull Board shows them. */
export function queuesOf({
  live,
  simulated,
  followUps,
  callbacks,
  billing,
}: Pick<ApiParts, 'live' | 'simulated' | 'followUps' | 'callbacks' | 'billing'>): Queue[] {
  const all = [live.queue, simulated.queue, followUps, callbacks.queue, billing.queue, ...billing.deliveries];
  return all as unknown as Queue[];
}

/** Pauses and resumes queues, for all workers. */
export function addQueueRoutes(app: Api, parts: ApiParts, pauses: PauseStore): void {
  const queues = queuesOf(parts);
  const names = queues.map(({ name }) => name);

  function add(action: 'pause' | 'resume', texts: { summary: string; description: string }): void {
    app.post(
      `/api/queues/:name/${action}`,
      {
        config: { needs: 'act' },
        schema: {
          operationId: `${action}Queue`,
          tags: ['Operators'],
          ...texts,
          params: z.object({ name: z.string().describe(`One of ${names.join(', ')}.`) }),
          body: ReplayBody,
          response: {
            200: QueueAnswer,
            ...documentProblems(
              'invalid-request',
              'malformed-json',
              'empty-body',
              'unauthenticated',
              'queue-not-found',
              'body-too-large',
              'unsupported-media-type',
              'redis-unavailable',
              'redis-full',
            ),
          },
        },
      },
      async (request, reply) => {
        const { name } = request.params;
        const queue = queues.find((one) => one.name === name);
        if (queue === undefined) throw queueNotFound(name, names);
        const { reason } = request.body;
        if (action === 'pause') {
          const pause = await pauses.pause(queue, actorOf(request), reason);
          const since = pause.since === null ? null : new Date(pause.since).toISOString();
          return reply.code(200).send({ queue: name, paused: true, ...pause, since } satisfies QueueAnswer);
        }
        await pauses.resume(queue, actorOf(request), reason);
        return reply.code(200).send({ queue: name, ...RESUMED } satisfies QueueAnswer);
      },
    );
  }

  add('pause', {
    summary: 'Pause a queue',
    description:
      'No worker takes a job of this queue until it is resumed; what is in progress ends. Repeating it changes nothing: the first reason stays. A destination of billing that is gone pauses its queue itself.',
  });
  add('resume', {
    summary: 'Resume a queue',
    description: 'The workers take its jobs again. Repeating it changes nothing.',
  });
}

function queueNotFound(name: string, names: string[]): Problem {
  return new Problem('queue-not-found', `There is no queue "${name}". The queues are: ${names.join(', ')}.`);
}

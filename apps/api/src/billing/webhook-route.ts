import { isUtf8 } from 'node:buffer';
import { openDialect } from '@handover/core/genesys';
import type { EventResult } from '@handover/core/metrics';
import { createRedisClock, queueEvent } from '@handover/core/redis';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { fieldErrors, invalidRequest } from '../http/failures.ts';
import { documentProblems, Problem } from '../http/problems.ts';
import { refuseWithoutRedis } from '../http/redis-gate.ts';
import type { Api, ApiParts } from '../parts.ts';
import { createWebhookGuard } from './webhook-auth.ts';

declare module 'fastify' {
  interface FastifyReply {
    /** The result of an event; unset if a problem is answered. */
    eventResult: EventResult | undefined;
  }
}

const EventBody = z
  .looseObject({
    id: z.string().optional(),
    type: z.string().describe('Only `voice.call.updated` is processed; other types are ignored.'),
    timestamp: z.string().optional().meta({ format: 'date-time' }),
    event_data: z
      .looseObject({
        id: z.string().optional().describe('The call.'),
        transferType: z
          .string()
          .optional()
          .describe('`blind` or `consult`; without it the event is ignored.'),
        target: z.looseObject({ id: z.string() }).optional(),
      })
      .optional(),
  })
  .meta({ id: 'CallEvent' });

const EventAnswer = z.object({
  status: z.enum(['queued', 'duplicate', 'ignored']),
  detail: z.string().optional(),
});

const NOT_CONFIGURED =
  'WEBHOOK_SECRET is not set: POST /webhooks/billing-sync answers 503, and no event is billed';

const IN_SHADOW = 'HANDOVER_MODE is shadow: nothing is moved, so no event is accepted and nothing is billed.';
const NO_EVENTS =
  'GENESYS_API=platform sends no events: every transfer is billed from our own record, and nothing is accepted here.';

/** Receives events of the platform: authenticates, parses, queues, answers. `200`: the event is durably queued, or ignored. */
export function addWebhookRoute(app: Api, parts: ApiParts): void {
  const { billing, config, redis, log } = parts;
  const clock = createRedisClock(redis);
  const { parseEvent } = openDialect(config.genesys.dialect);
  const whyNone =
    config.mode === 'shadow' ? IN_SHADOW : config.billing.from === 'records' ? NO_EVENTS : undefined;
  const guard = createWebhookGuard(config.webhook.secrets, clock.now, whyNone);
  if (config.webhook.secrets.length === 0 && whyNone === undefined)
    log.warn({ reason: NOT_CONFIGURED }, 'webhook.not-configured');
  keepRawBodies(app);
  app.decorateReply('eventResult', undefined);
  app.addHook('onRequest', guard.headers);
  app.addHook('preValidation', guard.body);
  app.addHook('preValidation', async () => refuseWithoutRedis(parts));
  // Not `onResponse`, which does not run if the sender disconnects; its event counts anyway.
  app.addHook('onSend', async (request, reply) => {
    const isWhole = request.raw.errored === null;
    if (isWhole) billing.meter.received(resultOf(reply));
  });

  app.post(
    '/webhooks/billing-sync',
    {
      // The signature covers the raw bytes, so parse them only after verification.
      validatorCompiler: () => (value) => ({ value }),
      schema: {
        operationId: 'receiveEvent',
        tags: ['Billing'],
        security: [{ webhook: [] }],
        summary: 'Receive an event of the platform',
        description:
          'Receives a transfer event for billing. Authenticated by a Standard Webhooks signature, or by the shared secret as bearer token, `x-api-key` or `token` in the URL. `200` if the event is durably queued, or deliberately ignored.',
        // The platform calls whatever URL was registered.
        querystring: z.looseObject({}),
        body: EventBody,
        response: {
          200: EventAnswer,
          ...documentProblems(
            'invalid-request',
            'malformed-json',
            'empty-body',
            'unauthenticated',
            'body-too-large',
            'unsupported-media-type',
            'redis-unavailable',
            'redis-full',
            'webhook-not-configured',
          ),
        },
      },
    },
    async (request, reply) => {
      const parsed = parseEvent(readJson(request.body), await clock.now());
      if (parsed.is === 'malformed') throw invalidRequest(fieldErrors(parsed.issues));
      if (parsed.is === 'ignored') {
        reply.eventResult = 'ignored';
        return reply.code(200).send({ status: 'ignored', detail: parsed.why });
      }
      const status = await queueEvent(billing.queue, parsed.event);
      reply.eventResult = status;
      return reply.code(200).send({ status });
    },
  );
}

function keepRawBodies(app: Api): void {
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, bytes, done) =>
    done(null, bytes),
  );
}

function readJson(body: unknown): unknown {
  if (!Buffer.isBuffer(body) || body.length === 0)
    throw new Problem('empty-body', 'The body is empty; it must be JSON.');
  if (!isUtf8(body)) throw new Problem('malformed-json', 'The body is not valid UTF-8.');
  try {
    // Some senders prepend a byte order mark (RFC 8259, 8.1: it may be ignored).
    return JSON.parse(body.toString().replace(/^\uFEFF/, ''));
  } catch {
    throw new Problem('malformed-json', 'The body is not valid JSON.');
  }
}

function resultOf({ eventResult, statusCode }: FastifyReply): EventResult {
  if (eventResult !== undefined) return eventResult;
  if (statusCode === 401) return 'unauthenticated';
  return statusCode < 500 ? 'malformed' : 'unavailable';
}

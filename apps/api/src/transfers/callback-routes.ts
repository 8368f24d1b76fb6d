import { sendAgain } from '@handover/core/callbacks';
import { redisNow } from '@handover/core/redis';
import { transferOfCallback } from '@handover/core/transfer';
import { actorOf } from '../http/auth.ts';
import { documentProblems, Problem } from '../http/problems.ts';
import type { Api, ApiParts } from '../parts.ts';
import { transferNotFound } from './routes.ts';
import { CallbackBody, CallbackParams } from './schemas.ts';
import { callbackView } from './view.ts';

/** Sends a callback of a transfer again. */
export function addCallbackRoutes(app: Api, { callbacks, live, redis, config, log }: ApiParts): void {
  const ports = { store: callbacks.store, now: () => redisNow(redis), keys: config.callbacks.keys };

  app.post(
    '/api/transfers/:id/callbacks/:callbackId/send',
    {
      config: { needs: 'act' },
      schema: {
        operationId: 'sendCallback',
        tags: ['Transfers'],
        security: [{ operator: [] }],
        summary: 'Send a callback again',
        description:
          'Sends a callback to its receiver again, whether or not it was delivered: with the same id and message, at once unless the receiver is held off, and for a day from now.',
        params: CallbackParams,
        response: {
          202: CallbackBody.describe('It waits to be sent.'),
          ...documentProblems(
            'invalid-request',
            'unauthenticated',
            'transfer-not-found',
            'callback-not-found',
            'callback-not-sendable',
            'redis-unavailable',
          ),
        },
      },
    },
    async (request, reply) => {
      const { id, callbackId } = request.params;
      request.about = { transfer: id };
      const sent =
        transferOfCallback(callbackId) === id
          ? await sendAgain(ports, callbackId, actorOf(request))
          : UNKNOWN;
      if (sent.sent) {
        log.info({ transfer: id, callback: callbackId, by: request.actor }, 'callback.sent-again');
        return reply.code(202).send(callbackView(sent.callback));
      }
      if (sent.why !== 'unknown') throw new Problem('callback-not-sendable', WHY[sent.why]);
      if ((await live.store.recordOf(id)) === undefined) throw transferNotFound(id);
      throw new Problem('callback-not-found', `The transfer has no callback ${callbackId}.`);
    },
  );
}

const UNKNOWN = { sent: false, why: 'unknown' } as const;

const WHY = {
  'no-receiver': 'The API key of the transfer has no receiver: add it to CALLBACKS.',
  busy: 'It is being sent at this moment. Look at the transfer, and try again if it was not delivered.',
} as const;

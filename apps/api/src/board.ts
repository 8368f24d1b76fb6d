import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { TransferStore } from '@handover/core/queue';
import type { Guards } from './auth.ts';
import { answerFailure } from './failures.ts';
import type { Api, ApiParts, LaneParts } from './parts.ts';
import type { Problem } from './problems.ts';
import { refuseWithoutRedis } from './redis-gate.ts';
import { timelineLines } from './timeline-lines.ts';

const PATH = '/admin/queues';

/** What may be changed from the board; all else is for watching. */
const ALLOWED_CHANGES = new Set([
  '/api/queues/pause',
  '/api/queues/resume',
  '/api/queues/:queueName/pause',
  '/api/queues/:queueName/resume',
]);

/** Shows a transfer's timeline as the log of its job. */
class TransferQueueAdapter extends BullMQAdapter {
  readonly #store: Pick<TransferStore, 'get'>;

  constructor({ queue, store }: LaneParts, displayName: string, description: string) {
    super(queue, { displayName, description, allowRetries: false });
    this.#store = store;
  }

  override async getJobLogs(id: string): Promise<string[]> {
    const transfer = await this.#store.get(id);
    return transfer === undefined ? [] : timelineLines(transfer);
  }
}

/** Bull Board at `/admin/queues`, for operators: both lanes. Pausing and resuming is all it may change. */
export function addBoard(app: Api, { live, simulated, redis }: ApiParts, guards: Guards): void {
  const serverAdapter = new FastifyAdapter();
  serverAdapter.setBasePath(PATH);
  createBullBoard({
    serverAdapter,
    queues: [
      new TransferQueueAdapter(live, 'Transfers', 'Live calls. Cancel, replay and resolve through the API.'),
      new TransferQueueAdapter(simulated, 'Simulated transfers', 'Training; never touches a live call.'),
    ],
    options: {
      uiConfig: {
        boardTitle: 'Handover',
        hideDocsLink: true,
        miscLinks: [{ text: 'API', url: '/docs' }],
      },
      handlerHooks: {
        before: ({ method, route }) =>
          method === 'get' || ALLOWED_CHANGES.has(route)
            ? undefined
            : { allow: false, status: 403, message: 'For watching only, but for pause and resume.' },
      },
    },
  });

  app.addHook('onRequest', guards.operator);
  app.addHook('onRequest', async () => refuseWithoutRedis(redis));
  // Bull Board puts an error handler of its own on its plugin; a route's goes before it.
  app.addHook('onRoute', (route) => {
    route.errorHandler = (error, request, reply) => {
      answerFailure(error, request, reply, pageNotice);
    };
  });
  app.register(serverAdapter.registerPlugin(), { prefix: PATH });
}

/** What Bull Board's page makes a notice of. */
function pageNotice({ message }: Problem) {
  return { error: { key: 'ERRORS.INTERNAL_SERVER_ERROR' }, message };
}

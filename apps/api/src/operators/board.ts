import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { BillingQueues, TransferStore } from '@handover/core/redis';
import fastify, { type FastifyInstance, LogController } from 'fastify';
import { answerFailure, sendProblem } from '../http/failures.ts';
import { Problem } from '../http/problems.ts';
import type { ApiParts, LaneParts } from '../parts.ts';
import { maskId, timelineLines } from '../transfers/timeline-lines.ts';

const READ_ONLY = { readOnlyMode: true, allowRetries: false };

/** Shows a transfer's timeline as the log of its job. */
class TransferQueueAdapter extends BullMQAdapter {
  readonly #store: Pick<TransferStore, 'get'>;

  constructor({ queue, store }: LaneParts, displayName: string, description: string) {
    super(queue, { displayName, description, ...READ_ONLY });
    this.#store = store;
  }

  override async getJobLogs(id: string): Promise<string[]> {
    const transfer = await this.#store.get(id);
    return transfer === undefined ? [] : timelineLines(transfer);
  }
}

/** The billing queues, with ids of calls and persons masked. */
function billingAdapters({ queue, deliveries }: BillingQueues): BullMQAdapter[] {
  const about = 'Events of the platform. Replay failed ones through the API.';
  const shown = [
    new BullMQAdapter(queue, { displayName: 'Billing', description: about, ...READ_ONLY }),
    ...deliveries.map(
      (one) =>
        new BullMQAdapter(one, {
          displayName: `Billing to ${one.name.slice('billing-'.length)}`,
          description: 'Deliveries of billing records. Replay failed ones through the API.',
          ...READ_ONLY,
        }),
    ),
  ];
  for (const adapter of shown) adapter.setFormatter('data', maskJobData);
  return shown;
}

/**
 * Bull Board under this path, as a separate instance that does not listen: both lanes, follow-ups, callbacks and billing. Read-only.
 * The caller authenticates requests and closes it.
 */
export async function createBoard(
  path: string,
  {
    live,
    simulated,
    followUps,
    callbacks,
    billing,
    config,
    log,
  }: Pick<ApiParts, 'live' | 'simulated' | 'followUps' | 'callbacks' | 'billing' | 'config' | 'log'>,
): Promise<FastifyInstance> {
  const serverAdapter = new FastifyAdapter();
  serverAdapter.setBasePath(path);
  createBullBoard({
    serverAdapter,
    queues: [
      new TransferQueueAdapter(
        live,
        'Transfers',
        'Live calls. Pause, cancel, replay and resolve through the API.',
      ),
      new BullMQAdapter(followUps, {
        displayName: 'Follow-ups',
        description: 'What is done after transfers; shown with each of them as followUps.',
        ...READ_ONLY,
      }),
      new BullMQAdapter(callbacks.queue, {
        displayName: 'Callbacks',
        description: 'A round for each receiver with something due; shown with each transfer as callbacks.',
        ...READ_ONLY,
      }),
      ...billingAdapters(billing),
      new TransferQueueAdapter(simulated, 'Simulated transfers', 'Training; never touches a live call.'),
    ],
    options: {
      uiConfig: {
        boardTitle: config.mode === 'shadow' ? 'Handover (shadow)' : 'Handover',
        hideDocsLink: true,
        // Relative to the board's path, so that it works behind a path prefix.
        miscLinks: [{ text: 'API', url: '../../docs' }],
      },
      handlerHooks: {
        before: ({ method }) =>
          method === 'get'
            ? undefined
            : { allow: false, status: 403, message: 'Read-only: use the API, which writes down who did it.' },
      },
    },
  });

  const board = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    requestIdHeader: 'x-request-id',
  });
  board.setNotFoundHandler((request, reply) =>
    sendProblem(request, reply, new Problem('route-not-found', 'There is no route at this path.')),
  );
  // Bull Board sets an error handler on its plugin; a handler on the route takes precedence.
  board.addHook('onRoute', (route) => {
    route.errorHandler = (error, request, reply) => {
      // Bull Board decodes the query twice.
      const isBadQuery = error instanceof URIError;
      answerFailure(isBadQuery ? BAD_QUERY : error, request, reply, pageNotice);
    };
  });
  board.register(serverAdapter.registerPlugin(), { prefix: path });
  await board.ready();
  return board;
}

const BAD_QUERY = new Problem('bad-request', 'The query cannot be decoded.');

/** Hides ids of calls and persons, and the metadata of upstreams. */
function maskJobData(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data ?? null), (key, value) => {
    if (key === 'callId') return maskId(String(value));
    if (key === 'target')
      return NO_PERSON.has(value?.type) ? value : { ...value, id: maskId(String(value?.id)) };
    if (key === 'metadata') return Object.fromEntries(Object.keys(value ?? {}).map((name) => [name, '…']));
    return value;
  });
}

/** An event may lack the type of its target, which then could be a person. */
const NO_PERSON = new Set(['queue', 'skillGroup']);

/** The body that Bull Board's page shows as a notification. */
function pageNotice({ message }: Problem) {
  return { error: { key: 'ERRORS.INTERNAL_SERVER_ERROR' }, message };
}

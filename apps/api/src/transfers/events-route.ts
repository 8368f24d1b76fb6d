import { Readable } from 'node:stream';
import { z } from 'zod';
import { actorOf } from '../http/auth.ts';
import { documentProblems } from '../http/problems.ts';
import type { Api, ApiParts } from '../parts.ts';
import { watchTransfer } from './outcome.ts';
import { transferNotFound } from './routes.ts';
import { EventsHeaders, TransferParams } from './schemas.ts';
import { OUTCOME_EVENT_ID, seenBy, timelineEvents } from './timeline-stream.ts';
import { tooManyWaits, type Waits } from './waits.ts';

/** Streams the timeline of a transfer. */
export function addEventsRoute(app: Api, { live: { store }, changes }: ApiParts, waits: Waits): void {
  app.get(
    '/api/transfers/:id/events',
    {
      exposeHeadRoute: false,
      config: { needs: 'read' },
      schema: {
        operationId: 'streamTransfer',
        tags: ['Transfers'],
        security: [{ apiKey: [] }],
        summary: 'Stream the timeline of a transfer',
        description:
          'Server-sent events: `timeline` for each entry, with its index as id, and `outcome` at the end; then the stream closes. `Last-Event-ID` resumes an interrupted stream; after the outcome the answer is `204`.',
        params: TransferParams,
        headers: EventsHeaders,
        response: {
          200: {
            description: 'A stream of events.',
            content: { 'text/event-stream': { schema: z.string() } },
          },
          204: z.undefined().describe('The client has already seen the outcome.'),
          ...documentProblems(
            'invalid-request',
            'unauthenticated',
            'transfer-not-found',
            'too-many-waits',
            'redis-unavailable',
          ),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      request.about = { transfer: id };
      const lastEventId = request.headers['last-event-id'];
      if (!waits.open(actorOf(request), reply)) throw tooManyWaits(waits);
      // Open the watch before the first read, so that no change is missed.
      const watch = watchTransfer(changes, store, id, reply);
      const first = await store.get(id);
      if (first === undefined) throw transferNotFound(id);
      if (first.record.outcome !== null && lastEventId === OUTCOME_EVENT_ID) return reply.code(204).send();
      const events = timelineEvents({ first, store, watch, seen: seenBy(lastEventId) });
      return reply
        .code(200)
        .header('x-accel-buffering', 'no')
        .type('text/event-stream; charset=utf-8')
        .send(Readable.from(events, { highWaterMark: 1 }) as never);
    },
  );
}

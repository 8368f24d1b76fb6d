import { Readable } from 'node:stream';
import { ANY, createChangeFeed } from '@handover/core/redis';
import { z } from 'zod';
import { actorOf } from '../http/auth.ts';
import { documentProblems } from '../http/problems.ts';
import type { Api, ApiParts } from '../parts.ts';
import { changeEvents, createBatches } from './change-stream.ts';
import { watchTransfer } from './outcome.ts';
import { EventsHeaders } from './schemas.ts';
import { shownNow } from './shown.ts';
import { itemView } from './view.ts';
import { tooManyWaits, type Waits } from './waits.ts';

/** Streams the changes of all transfers. */
export function addStreamRoute(app: Api, parts: ApiParts, waits: Waits): void {
  const { redis, changes, live } = parts;
  const feed = createChangeFeed(redis, live.store.lane);
  const read = createBatches(feed, async (ids) => {
    const [shown, records] = await Promise.all([shownNow(parts), Promise.all(ids.map(live.store.recordOf))]);
    const found = records.filter((record) => record !== undefined);
    return new Map(found.map((record) => [record.id, itemView({ record }, shown)]));
  });

  app.get(
    '/api/transfers/stream',
    {
      exposeHeadRoute: false,
      config: { needs: 'read' },
      schema: {
        operationId: 'streamTransfers',
        tags: ['Transfers'],
        security: [{ apiKey: [] }],
        summary: 'Stream the changes of all transfers',
        description:
          'Server-sent events. `ready` comes first: what changes from here on is sent. `transfer` is a transfer that changed, as in the list; several changes in a row may be one event. `Last-Event-ID` resumes an interrupted stream; if too much has changed meanwhile, `reset` comes first: load the list again.',
        querystring: z.strictObject({}),
        headers: EventsHeaders,
        response: {
          200: {
            description: 'A stream of events.',
            content: { 'text/event-stream': { schema: z.string() } },
          },
          ...documentProblems('invalid-request', 'unauthenticated', 'too-many-waits', 'redis-unavailable'),
        },
      },
    },
    async (request, reply) => {
      const lastEventId = request.headers['last-event-id'];
      if (!waits.open(actorOf(request), reply)) throw tooManyWaits(waits);
      const watch = watchTransfer(changes, live.store, ANY, reply);
      const latest = await feed.latest().catch((error: unknown) => {
        watch.end();
        throw error;
      });
      const events = changeEvents({
        ...{ feed, read, watch },
        from: lastEventId ?? latest,
        isNew: lastEventId === undefined,
      });
      return reply
        .code(200)
        .header('x-accel-buffering', 'no')
        .type('text/event-stream; charset=utf-8')
        .send(Readable.from(events, { highWaterMark: 1 }) as never);
    },
  );
}

import { listTransfers } from '@handover/core/history';
import { createTransferListStore } from '@handover/core/redis';
import type { StoredTransfer, TransferRecord } from '@handover/core/transfer';
import { cursorAfter, linkNext, placeIn, rangeOf } from '../http/page.ts';
import { documentProblems } from '../http/problems.ts';
import type { Api, ApiParts } from '../parts.ts';
import { TransferPage, TransferQuery } from './schemas.ts';
import { shownNow } from './shown.ts';
import { itemView, transferView } from './view.ts';

/** Lists transfers. */
export function addListRoute(app: Api, parts: ApiParts): void {
  const { redis, live, history, config } = parts;
  const recent = createTransferListStore(redis, live.store.lane);

  app.get(
    '/api/transfers',
    {
      config: { needs: 'read' },
      schema: {
        operationId: 'listTransfers',
        tags: ['Transfers'],
        security: [{ apiKey: [] }],
        summary: 'Transfers',
        description:
          'Newest first: those within the retention time, and, where there is a history, all that it has. Several filters must all match. A page with several filters, or with an open status, may be short, or empty, and still have a `next`. With `callId` each item has its timeline.',
        querystring: TransferQuery,
        response: {
          200: TransferPage,
          ...documentProblems(
            'invalid-request',
            'unauthenticated',
            'redis-unavailable',
            'history-unavailable',
          ),
        },
      },
    },
    async (request, reply) => {
      const { from, to, cursor, limit, ...filter } = request.query;
      const name = { list: 'transfers', filters: filter };
      const query = { ...rangeOf({ from, to }), after: placeIn(name, cursor), limit };
      const shown = await shownNow(parts);
      const kept = shown.pace.now - config.retentionMs;
      const page = await listTransfers({ recent, past: history, kept }, filter, query);
      const next = page.next === undefined ? null : cursorAfter(name, page.next);
      if (next !== null) linkNext(request, reply, next);
      const items =
        filter.callId === undefined
          ? page.items.map(({ record }) => itemView({ record }, shown))
          : (await withTimelines(parts, page.items)).map((one) => transferView(one, shown));
      const { incomplete } = page;
      return reply.code(200).send({ items, next, ...(incomplete !== undefined && { incomplete }) });
    },
  );
}

type Listed = { record: TransferRecord; timeline?: StoredTransfer['timeline'] };

/** The transfers of a call have always had their timelines here; they are few. */
async function withTimelines({ live }: Pick<ApiParts, 'live'>, items: Listed[]): Promise<StoredTransfer[]> {
  const found = await Promise.all(
    items.map(({ record, timeline }) =>
      timeline === undefined ? live.store.get(record.id) : { record, timeline },
    ),
  );
  return found.filter((transfer) => transfer !== undefined);
}

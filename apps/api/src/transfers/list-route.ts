import { createTransferListStore } from '@handover/core/redis';
import type { TransferRecord } from '@handover/core/transfer';
import { cursorAfter, linkNext, placeIn, rangeOf } from '../http/page.ts';
import { documentProblems } from '../http/problems.ts';
import type { Api, ApiParts } from '../parts.ts';
import { TransferPage, TransferQuery } from './schemas.ts';
import { shownNow } from './shown.ts';
import { itemView, transferView } from './view.ts';

/** Lists transfers. */
export function addListRoute(app: Api, parts: ApiParts): void {
  const { redis, live } = parts;
  const list = createTransferListStore(redis, live.store.lane);

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
          'Within the retention time, newest first. Several filters must all match. A page with several filters, or with an open status, may be short, or empty, and still have a `next`. With `callId` each item has its timeline.',
        querystring: TransferQuery,
        response: {
          200: TransferPage,
          ...documentProblems('invalid-request', 'unauthenticated', 'redis-unavailable'),
        },
      },
    },
    async (request, reply) => {
      const { from, to, cursor, limit, ...filter } = request.query;
      const name = { list: 'transfers', filters: filter };
      const query = { ...rangeOf({ from, to }), after: placeIn(name, cursor), limit };
      const [shown, page] = await Promise.all([shownNow(parts), list.page(filter, query)]);
      const next = page.next === undefined ? null : cursorAfter(name, page.next);
      if (next !== null) linkNext(request, reply, next);
      const items =
        filter.callId === undefined
          ? page.items.map((record) => itemView({ record }, shown))
          : (await withTimelines(parts, page.items)).map((one) => transferView(one, shown));
      return reply.code(200).send({ items, next });
    },
  );
}

/** The transfers of a call have always had their timelines here; they are few. */
function withTimelines({ live }: Pick<ApiParts, 'live'>, records: TransferRecord[]) {
  return live.store.getAll(records.map(({ id }) => id));
}

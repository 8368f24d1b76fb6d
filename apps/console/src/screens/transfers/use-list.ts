import type { operations, TransferItem } from '@handover/client';
import { type InfiniteData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { handover } from '../../api.ts';
import { useChanges } from '../../live/changes.tsx';
import type { Filter } from '../../narrow/filter.ts';
import { concerning, merged } from './merge.ts';

type Page = operations['listTransfers']['responses'][200]['content']['application/json'];
type Pages = InfiniteData<Page, string>;

const PER_PAGE = 50;
/** A first page that has grown to this is loaded anew. */
const MOST_ON_FIRST_PAGE = 150;
const MOST_WAITING = 1_000;

/**
 * The list, page by page, with what changes merged in.
 * @param isHeld changes wait, as somebody reads the list; they wait on later pages, too
 */
export function useList(filter: Filter, isHeld: boolean) {
  const client = useQueryClient();
  // The filter is made anew with each render; its text stays the same.
  const filterText = JSON.stringify(filter);
  const key = useMemo(() => ['transfers', 'list', filterText], [filterText]);
  const loading = useRef(new Map<string, TransferItem>());
  const waiting = useRef(new Map<string, TransferItem>());
  const [waitingCount, setWaitingCount] = useState(0);

  const query = useInfiniteQuery({
    queryKey: key,
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) => {
      const asked = { ...filter, limit: PER_PAGE };
      if (pageParam !== '') return handover.transfers.list({ ...asked, cursor: pageParam }, { signal });
      loading.current.clear();
      waiting.current.clear();
      const page = await handover.transfers.list(asked, { signal });
      // What changed while it was asked for may be newer than the answer.
      return { ...page, items: merged(loading.current, { ...page, filter, hasMore: page.next !== null }) };
    },
    getNextPageParam: ({ next }) => next,
  });
  const { data, isFetching } = query;
  const isPaused = isHeld || (data?.pages.length ?? 0) > 1;

  const putIn = useCallback(
    (changed: ReadonlyMap<string, TransferItem>) => {
      const known = client.getQueryData<Pages>(key);
      const [first, ...others] = known?.pages ?? [];
      if (known === undefined || first === undefined) return;
      const items = merged(changed, {
        ...first,
        filter: JSON.parse(filterText),
        hasMore: first.next !== null,
      });
      client.setQueryData<Pages>(key, { ...known, pages: [{ ...first, items }, ...others] });
      if (items.length > MOST_ON_FIRST_PAGE) void client.invalidateQueries({ queryKey: key });
    },
    [client, key, filterText],
  );

  useChanges((changed) => {
    if (isFetching) for (const [id, item] of changed) loading.current.set(id, item);
    if (!isPaused) return putIn(changed);
    const items = data?.pages.flatMap((page) => page.items) ?? [];
    const ofList = concerning(changed, { items, filter, hasMore: query.hasNextPage });
    for (const [id, item] of ofList) if (waiting.current.size < MOST_WAITING) waiting.current.set(id, item);
    setWaitingCount(waiting.current.size);
  });

  useEffect(() => {
    waiting.current.clear();
    setWaitingCount(0);
  }, [key]);

  useEffect(() => {
    if (isPaused || waiting.current.size === 0) return;
    putIn(waiting.current);
    waiting.current.clear();
    setWaitingCount(0);
  }, [isPaused, putIn]);

  /** Back to the first page, as it is now. */
  const showChanges = () => {
    waiting.current.clear();
    setWaitingCount(0);
    client.setQueryData<Pages>(
      key,
      (known) => known && { pages: known.pages.slice(0, 1), pageParams: known.pageParams.slice(0, 1) },
    );
    void client.invalidateQueries({ queryKey: key });
  };

  return { ...query, isPaused, waitingCount, isFull: waitingCount === MOST_WAITING, showChanges };
}

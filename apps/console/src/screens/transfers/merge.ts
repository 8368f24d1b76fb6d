import type { TransferItem } from '@handover/client';
import type { Filter } from '../../narrow/filter.ts';
import { matches } from './filter.ts';

type List = {
  items: readonly TransferItem[];
  filter: Filter;
  /** Older ones follow on the next page. */
  hasMore: boolean;
};

/** Which of the changes concern this list: those in it, and those that belong into it. */
export function concerning(
  changed: ReadonlyMap<string, TransferItem>,
  list: List,
): Map<string, TransferItem> {
  const shown = new Set(list.items.map(({ id }) => id));
  const oldest = list.items.at(-1)?.acceptedAt;
  return new Map(
    [...changed].filter(([id, item]) => {
      if (shown.has(id)) return true;
      const isOnLaterPage = list.hasMore && (oldest === undefined || item.acceptedAt < oldest);
      return !isOnLaterPage && matches(item, list.filter);
    }),
  );
}

/** The list with the changes, newest first. */
export function merged(changed: ReadonlyMap<string, TransferItem>, list: List): TransferItem[] {
  const byId = new Map(list.items.map((item) => [item.id, item]));
  for (const [id, item] of concerning(changed, list))
    if (matches(item, list.filter)) byId.set(id, item);
    else byId.delete(id);
  return [...byId.values()].sort((one, other) => Date.parse(other.acceptedAt) - Date.parse(one.acceptedAt));
}

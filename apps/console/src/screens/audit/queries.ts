import type { AuditEntry } from '@handover/client';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { handover } from '../../api.ts';

export type AuditFilter = Partial<Record<'action' | 'actor' | 'thing' | 'from' | 'to', string>>;

type Page = { items: AuditEntry[]; next: string | null };

const ON_A_PAGE = 50;
const SHOWN = 5;
const LOOKED_AT = 100;
const PAGES = 3;
const AGAIN_EVERY_MS = 10_000;

/** The audit with this filter, page by page. */
export function auditPages(filter: AuditFilter) {
  return infiniteQueryOptions({
    queryKey: ['audit', 'pages', filter],
    queryFn: ({ pageParam, signal }): Promise<Page> =>
      handover.request('get', '/api/audit', {
        query: { ...filter, limit: ON_A_PAGE, ...(pageParam !== '' && { cursor: pageParam }) } as object,
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
    staleTime: 0,
  });
}

/** What people did last, signing in left aside. `isAll`: there is nothing before it. */
export const lastDone = queryOptions({
  queryKey: ['audit', 'last'],
  queryFn: async ({ signal }) => {
    const done: AuditEntry[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < PAGES && done.length < SHOWN; page += 1) {
      const query: { limit: number; cursor?: string } = { limit: LOOKED_AT, ...(cursor && { cursor }) };
      const { items, next }: Page = await handover.request('get', '/api/audit', { query, signal });
      done.push(...items.filter(({ action }) => action !== 'sign-in'));
      if (next === null) return { items: done.slice(0, SHOWN), isAll: done.length <= SHOWN };
      cursor = next;
    }
    return { items: done.slice(0, SHOWN), isAll: false };
  },
  refetchInterval: AGAIN_EVERY_MS,
  // An action of a moment ago is looked for here.
  staleTime: 0,
});

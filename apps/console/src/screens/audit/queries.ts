import type { AuditEntry } from '@handover/client';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { handover } from '../../api.ts';

export type AuditFilter = Partial<Record<'action' | 'actor' | 'thing' | 'from' | 'to', string>>;

type Page = { items: AuditEntry[]; next: string | null };

const ON_A_PAGE = 50;
const LOOKED_AT = 30;
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

/** What people did last, signing in left aside. */
export const lastDone = queryOptions({
  queryKey: ['audit', 'last'],
  queryFn: async ({ signal }) => {
    const { items } = await handover.request('get', '/api/audit', { query: { limit: LOOKED_AT }, signal });
    return items.filter(({ action }) => action !== 'sign-in').slice(0, 5);
  },
  refetchInterval: AGAIN_EVERY_MS,
  // An action of a moment ago is looked for here.
  staleTime: 0,
});

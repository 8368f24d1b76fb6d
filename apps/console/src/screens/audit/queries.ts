import type { AuditEntry } from '@handover/client';
import { infiniteQueryOptions } from '@tanstack/react-query';
import { handover } from '../../api.ts';

export type AuditFilter = Partial<Record<'action' | 'actor' | 'thing' | 'from' | 'to', string>>;

type Page = { items: AuditEntry[]; next: string | null };

const ON_A_PAGE = 50;

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

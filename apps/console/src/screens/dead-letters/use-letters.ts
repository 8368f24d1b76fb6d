import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef } from 'react';
import { handover } from '../../api.ts';
import { useChanges } from '../../live/changes.tsx';
import type { Filter } from './filter.ts';
import { afterChanges, type Letters, PER_PAGE, walk } from './letters.ts';

const LOOK_AGAIN_MS = 4_000;
const LOOK_EVERY_MS = 60_000;

/** The newest dead letters that match. Those that go show at once; those that come, within some seconds. */
export function useLetters(filter: Filter) {
  const client = useQueryClient();
  // The filter is made anew with each render; its text stays the same.
  const text = JSON.stringify(filter);
  const key = useMemo(() => ['dead-letters', text], [text]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  useChanges((changed) => {
    const known = client.getQueryData<Letters>(key);
    if (known === undefined) return;
    const { letters, isStale } = afterChanges(known, changed);
    if (letters !== known) client.setQueryData(key, letters);
    if (!isStale) return;
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void client.invalidateQueries({ queryKey: ['dead-letters'] });
    }, LOOK_AGAIN_MS);
  });
  return useQuery({
    queryKey: key,
    queryFn: ({ signal }) =>
      walk((cursor) =>
        handover.deadLetters.list(
          { ...filter, limit: PER_PAGE, ...(cursor !== undefined && { cursor }) },
          { signal },
        ),
      ),
    refetchInterval: LOOK_EVERY_MS,
  });
}

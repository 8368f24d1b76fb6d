import type { Action } from '@handover/client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { handover } from '../../api.ts';

/** The latest actions, of everybody. */
export function useActions() {
  return useQuery({
    queryKey: ['actions'],
    queryFn: ({ signal }) => handover.actions.list({ signal }),
    refetchInterval: 5_000,
  });
}

/** An action as it goes on, looked at each second until it has ended, then more rarely until its transfers have. */
export function useAction(id: string) {
  const client = useQueryClient();
  const before = useRef<Action['status']>(undefined);
  const query = useQuery({
    queryKey: ['actions', id],
    queryFn: ({ signal }) => handover.actions.get(id, { signal }),
    refetchInterval: ({ state: { data } }) => {
      if (data === undefined || data.status === 'running') return 1_000;
      return (data.open ?? 0) > 0 ? 2_000 : false;
    },
    placeholderData: () => undefined,
  });
  const status = query.data?.status;
  useEffect(() => {
    if (before.current === 'running' && status !== 'running') {
      void client.invalidateQueries({ queryKey: ['actions'], exact: true });
      void client.invalidateQueries({ queryKey: ['dead-letters'] });
    }
    before.current = status;
  }, [status, client]);
  return query;
}

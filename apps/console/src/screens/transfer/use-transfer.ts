import { useQuery, useQueryClient } from '@tanstack/react-query';
import { handover } from '../../api.ts';
import { useChanges, useConnection } from '../../live/changes.tsx';

const POLL_MS = 3_000;

/** The transfer with its timeline; asked for again when it changes, or every few seconds where changes are not told. */
export function useTransfer(id: string) {
  const client = useQueryClient();
  const connection = useConnection();
  const queryKey = ['transfer', id];
  const query = useQuery({
    queryKey,
    queryFn: ({ signal }) => handover.transfers.get(id, { signal }),
    placeholderData: () => undefined,
    refetchInterval: ({ state }) =>
      connection.state !== 'live' && state.data !== undefined && state.data.outcome === null
        ? POLL_MS
        : false,
  });
  const renew = () => void client.invalidateQueries({ queryKey });
  useChanges((changed) => {
    if (changed.has(id)) renew();
  });
  return { ...query, renew };
}

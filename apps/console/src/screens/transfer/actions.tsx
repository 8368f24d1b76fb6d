import type { DeadLetter, Transfer } from '@handover/client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { handover } from '../../api.ts';
import { useSession } from '../../session.tsx';
import { Button } from '../../ui/button.tsx';
import { CancelDialog, ReplayDialog, ResolveDialog } from './act.tsx';

const KINDS: Record<DeadLetter['kind'], string> = {
  failed:
    'it certainly did not happen, so there is nothing to resolve. When what made it fail is over, replay it: that asks Genesys again. If the call is over meanwhile, it ends as rejected, and is no dead letter any more.',
  unconfirmed: 'nobody knows whether the call was moved. Look in Genesys, then say so.',
  held: 'it may have been sent before Redis lost data. Look in Genesys before you replay it.',
  contradicted: 'it ended otherwise, and then proved to have moved the call.',
};

/** What the caller may do about this transfer now, and why somebody should. */
export function Actions({ transfer, renew }: { transfer: Transfer; renew: () => void }) {
  const { may, session } = useSession();
  const client = useQueryClient();
  const [acting, setActing] = useState<'cancel' | 'replay' | 'resolve'>();
  const deadLetter = useDeadLetter(transfer);
  const { actor } = transfer;
  const isOwn = session.kind === 'key' && actor.type === 'apiKey' && actor.name === session.name;
  const mayCancel =
    ['queued', 'active', 'delayed'].includes(transfer.status) &&
    (may('cancel-any') || (may('cancel') && isOwn));
  const close = () => {
    setActing(undefined);
    renew();
    void client.invalidateQueries({ queryKey: ['dead-letter', transfer.id] });
  };
  const given = { transfer, onClose: close };
  return (
    <>
      {deadLetter && (
        <div className="note bad stack-small">
          <p>
            <strong>A dead letter ({deadLetter.kind}):</strong> {KINDS[deadLetter.kind]}
          </p>
          {may('act') && (
            <div className="row">
              <Button onPress={() => setActing('replay')}>Replay …</Button>
              {(deadLetter.kind === 'unconfirmed' || deadLetter.kind === 'held') && (
                <Button onPress={() => setActing('resolve')}>Resolve …</Button>
              )}
            </div>
          )}
        </div>
      )}
      {mayCancel && (
        <div className="row">
          <Button look="danger" onPress={() => setActing('cancel')}>
            Cancel the transfer …
          </Button>
        </div>
      )}
      {acting === 'cancel' && <CancelDialog {...given} />}
      {acting === 'replay' && <ReplayDialog {...given} kind={deadLetter?.kind} />}
      {acting === 'resolve' && <ResolveDialog {...given} />}
    </>
  );
}

function useDeadLetter({ id, status, request, timeline }: Transfer): DeadLetter | null {
  const { may } = useSession();
  const callId = request?.callId;
  const { data } = useQuery({
    queryKey: ['dead-letter', id, status, timeline.length],
    queryFn: async ({ signal }) => {
      const query = callId === undefined ? { limit: 100 } : { callId, limit: 100 };
      const { items } = await handover.deadLetters.list(query, { signal });
      return items.find((item) => item.id === id) ?? null;
    },
    enabled: may('inspect') && status !== 'queued' && status !== 'active',
    placeholderData: () => undefined,
  });
  return data ?? null;
}

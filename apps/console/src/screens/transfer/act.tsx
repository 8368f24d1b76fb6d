import type { DeadLetter, Transfer } from '@handover/client';
import { useState } from 'react';
import { handover } from '../../api.ts';
import { ActDialog } from '../../ui/act-dialog.tsx';
import { AuditNote } from '../../ui/audit-note.tsx';
import { Choice } from '../../ui/field.tsx';

type Given = { transfer: Transfer; onClose: () => void };

function Which({ transfer: { id, request } }: { transfer: Transfer }) {
  return (
    <p className="small soft">
      Transfer {id}
      {request !== null && (
        <>
          , call <bdi>{request.callId}</bdi>
        </>
      )}
    </p>
  );
}

/** Cancels an open transfer. */
export function CancelDialog({ transfer, onClose }: Given) {
  const run = async (reason: string) => {
    const { story } = await handover.transfers.cancel(transfer.id, { reason });
    return (
      <>
        <p>
          <bdi>{story}</bdi>
        </p>
        <AuditNote action="cancel" thing={transfer.id} />
      </>
    );
  };
  return (
    <ActDialog
      title="Cancel this transfer?"
      verb="Cancel the transfer"
      isDangerous
      run={run}
      onClose={onClose}
    >
      <p>
        The call stays where it is, and may be transferred anew. It works only while nothing was sent to
        Genesys: if it comes too late, nothing changes, and you are told.
      </p>
      <Which transfer={transfer} />
    </ActDialog>
  );
}

/** Starts a dead letter again. */
export function ReplayDialog({ transfer, kind, onClose }: Given & { kind: DeadLetter['kind'] | undefined }) {
  const run = async (reason: string) => {
    await handover.deadLetters.replay(transfer.id, reason);
    return (
      <>
        <p>It runs again, with a new deadline. What it does shows on its page as it happens.</p>
        <AuditNote action="replay" thing={transfer.id} />
      </>
    );
  };
  return (
    <ActDialog
      title="Replay this transfer?"
      verb="Replay"
      isDangerous={kind === 'held'}
      run={run}
      onClose={onClose}
    >
      <p>
        It starts again with a new deadline, and holds its call. The call is read first: a move that already
        happened is not repeated.
        {kind === 'held' &&
          ' This one may have been sent before Redis lost the record of it: a replay may move the call twice. Look in Genesys first.'}
      </p>
      <Which transfer={transfer} />
    </ActDialog>
  );
}

/** States whether the call of an unconfirmed transfer was moved. */
export function ResolveDialog({ transfer, onClose }: Given) {
  const [happened, setHappened] = useState<'yes' | 'no'>('no');
  const run = async (reason: string) => {
    await handover.deadLetters.resolve(transfer.id, happened === 'yes', reason);
    return (
      <>
        <p>It has ended as {happened === 'yes' ? 'transferred' : 'failed'}.</p>
        <AuditNote action="resolve" thing={transfer.id} />
      </>
    );
  };
  return (
    <ActDialog title="Was the call moved?" verb="Settle it" isDangerous run={run} onClose={onClose}>
      <div className="stack">
        <p>Look in Genesys first: Handover takes your word for it, and does not ask again.</p>
        <Choice
          label="The call"
          value={happened}
          choices={[
            { value: 'no', name: 'was not moved: end as failed' },
            { value: 'yes', name: 'was moved: end as transferred' },
          ]}
          onChange={setHappened}
        />
        <Which transfer={transfer} />
      </div>
    </ActDialog>
  );
}

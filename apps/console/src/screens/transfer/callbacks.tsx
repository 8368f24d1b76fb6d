import type { Callback } from '@handover/client';
import { useState } from 'react';
import { handover } from '../../api.ts';
import { useSession } from '../../session.tsx';
import { ActDialog } from '../../ui/act-dialog.tsx';
import { AuditNote } from '../../ui/audit-note.tsx';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { inWords, Time } from '../../ui/time.tsx';

const TONES: Record<Callback['state'], Tone> = { delivered: 'good', waiting: 'waiting', 'gave-up': 'bad' };

/** What the upstream was told, with every try; an operator may send it again. */
export function Callbacks({
  id,
  callbacks,
  renew,
}: {
  id: string;
  callbacks: Callback[];
  renew: () => void;
}) {
  const { may } = useSession();
  const [again, setAgain] = useState<Callback>();
  return (
    <>
      <ul className="stack-small">
        {callbacks.map((callback) => (
          <li key={callback.id}>
            <div className="row">
              <code>{callback.type}</code>
              <Badge tone={TONES[callback.state]}>{callback.state}</Badge>
              {may('act') && <Button onPress={() => setAgain(callback)}>Send again</Button>}
            </div>
            <Tries callback={callback} />
          </li>
        ))}
      </ul>
      {again !== undefined && (
        <ActDialog
          title="Send this callback again?"
          verb="Send again"
          needsReason={false}
          onClose={() => setAgain(undefined)}
          run={async () => {
            await handover.request('post', '/api/transfers/{id}/callbacks/{callbackId}/send', {
              path: { id, callbackId: again.id },
            });
            renew();
            return (
              <>
                <p>It waits to be sent, for a day at most. Its tries show on the page of the transfer.</p>
                <AuditNote action="send-callback" thing={again.id} />
              </>
            );
          }}
        >
          <p>
            The receiver gets the same message, <code>{again.type}</code>, with the same{' '}
            <code>webhook-id</code> <code>{again.id}</code>, at once unless it is held off. A receiver that
            has had it already should ignore it. The call and the transfer stay as they are.
          </p>
        </ActDialog>
      )}
    </>
  );
}

function Tries({ callback: { tried, tries, why, nextAt, giveUpAt } }: { callback: Callback }) {
  return (
    <div className="small soft">
      {why !== undefined && (
        <p>
          <bdi>{why}</bdi>
        </p>
      )}
      {tried > tries.length && (
        <p>
          The latest {tries.length} of {tried} tries:
        </p>
      )}
      <ol>
        {tries.map(({ at, ms, status, error }) => (
          <li key={at}>
            <Time at={at} />: {status ?? 'no answer'} in {inWords(ms)}
            {error !== undefined && (
              <>
                , <bdi>{error}</bdi>
              </>
            )}
          </li>
        ))}
      </ol>
      {tried === 0 && <p>Not tried yet.</p>}
      {nextAt !== undefined && (
        <p>
          Next try <Time at={nextAt} relative />
          {giveUpAt !== undefined && (
            <>
              , the last one at <Time at={giveUpAt} />
            </>
          )}
          .
        </p>
      )}
    </div>
  );
}

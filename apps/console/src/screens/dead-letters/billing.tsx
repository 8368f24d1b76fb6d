import type { BillingDeadLetter } from '@handover/client';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { handover, queryClient } from '../../api.ts';
import { useSession } from '../../session.tsx';
import { ActDialog } from '../../ui/act-dialog.tsx';
import { AuditNote } from '../../ui/audit-note.tsx';
import { Button } from '../../ui/button.tsx';
import { Time } from '../../ui/time.tsx';
import { Told } from '../../ui/told.tsx';
import type { Plan } from './filter.ts';

/** Bills that were not delivered, and events that could not be processed; each or all are replayed. */
export function Billing({ letters, onPlan }: { letters: BillingDeadLetter[]; onPlan: (plan: Plan) => void }) {
  const { may } = useSession();
  const [replayed, setReplayed] = useState<BillingDeadLetter>();
  return (
    <section className="stack" aria-labelledby="of-billing">
      <div className="row letters-head">
        <h2 id="of-billing">Of billing: {letters.length.toLocaleString()}</h2>
        {may('act') && (
          <Button look="primary" onPress={() => onPlan({ act: 'replay', filter: { billing: true } })}>
            Replay all of billing …
          </Button>
        )}
      </div>
      <p className="soft small">
        Bills that a destination refused, or did not accept for a day, and events that could not be processed.
        Mend the destination first; then replay. Nothing is billed twice. More:
        docs/operations/billing-dead-letters.md
      </p>
      <div className="card flush">
        <table className="billing-letters">
          <caption className="visually-hidden">Dead letters of billing, newest first</caption>
          <thead>
            <tr>
              <th scope="col">Why</th>
              <th scope="col">Call</th>
              <th scope="col">Queue</th>
              <th scope="col" className="number">
                Tries
              </th>
              <th scope="col">Dead since</th>
              {may('act') && <th scope="col">Action</th>}
            </tr>
          </thead>
          <tbody>
            {letters.map((letter) => (
              <tr key={letter.id}>
                <td>
                  <Told>{letter.why}</Told>
                </td>
                <td>
                  <Call letter={letter} />
                </td>
                <td>{letter.queue}</td>
                <td className="number">{letter.tries}</td>
                <td>
                  <Time at={letter.at} />
                </td>
                {may('act') && (
                  <td>
                    <Button onPress={() => setReplayed(letter)} aria-label={`Replay ${letter.id} …`}>
                      Replay …
                    </Button>
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {replayed && <ReplayOne letter={replayed} onClose={() => setReplayed(undefined)} />}
    </section>
  );
}

function Call({ letter: { record, event } }: { letter: BillingDeadLetter }) {
  if (record === undefined) return <span className="soft">{event ? 'an event' : 'not known'}</span>;
  if (record.transferId === undefined) return <bdi className="clamped">{record.callId}</bdi>;
  return (
    <Link to="/transfers/$id" params={{ id: record.transferId }}>
      <bdi className="clamped">{record.callId}</bdi>
    </Link>
  );
}

function ReplayOne({ letter, onClose }: { letter: BillingDeadLetter; onClose: () => void }) {
  const run = async (reason: string) => {
    await handover.deadLetters.replay(letter.id, reason);
    void queryClient.invalidateQueries({ queryKey: ['dead-letters'] });
    return (
      <div className="stack">
        <p>It is tried again, for another day.</p>
        <AuditNote action="replay" thing={letter.id} />
      </div>
    );
  };
  return (
    <ActDialog title="Replay this one of billing?" verb="Replay" run={run} onClose={onClose}>
      <div className="stack">
        <p>
          It is {letter.record ? 'delivered' : 'processed'} anew, for another day of retries. A bill keeps its
          idempotency key, so nothing is billed twice.
        </p>
        <p className="small soft letter-id">{letter.id}</p>
      </div>
    </ActDialog>
  );
}

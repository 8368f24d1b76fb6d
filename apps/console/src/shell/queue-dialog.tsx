import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { handover } from '../api.ts';
import { ActDialog } from '../ui/act-dialog.tsx';
import { AuditNote } from '../ui/audit-note.tsx';
import { Choice } from '../ui/field.tsx';

const QUEUES = {
  transfers: 'moving calls',
  'follow-ups': 'wrap-up codes and skills after a move',
  callbacks: 'messages to upstreams',
  billing: 'events of Genesys',
  'billing-http': 'bills for the HTTP destination',
  'billing-postgres': 'bills for PostgreSQL',
  'simulated-transfers': 'training',
};
const CHOICES = Object.entries(QUEUES).map(([value, what]) => ({ value, name: `${value} (${what})` }));

type Asked = { act: 'pause' | 'resume'; queue?: string; onClose: () => void };

/** Pauses or resumes a queue, with a reason. */
export function QueueDialog({ act, queue: given, onClose }: Asked) {
  const client = useQueryClient();
  const [queue, setQueue] = useState(given ?? 'transfers');
  const run = async (reason: string) => {
    const state = await handover.queues[act](queue, reason);
    void client.invalidateQueries({ queryKey: ['status'] });
    return (
      <div className="stack">
        <p>
          {state.queue} is {state.paused ? 'paused' : 'running'}
          {state.paused && state.reason !== null && state.reason !== reason && (
            <>
              . It was paused before: “<bdi>{state.reason}</bdi>”
            </>
          )}
          .
        </p>
        <AuditNote action={act} thing={queue} />
      </div>
    );
  };
  return (
    <ActDialog
      title={act === 'pause' ? 'Pause a queue?' : `Resume ${queue}?`}
      verb={`${act === 'pause' ? 'Pause' : 'Resume'} ${queue}`}
      isDangerous={act === 'pause'}
      run={run}
      onClose={onClose}
    >
      <div className="stack">
        <p>
          {act === 'pause'
            ? 'No worker takes a job of this queue until it is resumed. Jobs wait and nothing is lost, but transfers still expire at their deadlines. What is in progress ends.'
            : 'The workers take its jobs again, at once.'}
        </p>
        {given === undefined && <Choice label="Queue" value={queue} choices={CHOICES} onChange={setQueue} />}
      </div>
    </ActDialog>
  );
}

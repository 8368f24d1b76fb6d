import type { Action } from '@handover/client';
import { useState } from 'react';
import { handover, queryClient, wordsOf } from '../../api.ts';
import { useSession } from '../../session.tsx';
import { ActDialog } from '../../ui/act-dialog.tsx';
import { AuditNote } from '../../ui/audit-note.tsx';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Time } from '../../ui/time.tsx';
import { Trouble } from '../../ui/trouble.tsx';
import { ActionEffects } from './action-effects.tsx';
import { ChosenWords } from './chosen.tsx';
import { headingOf, waitOf } from './progress.ts';
import { ProgressBar } from './progress-bar.tsx';
import { useAction } from './use-actions.ts';

const TONES = { running: 'waiting', stopped: 'quiet', done: 'good' } as const;

/** An action over many: how far it is, what it waits for, a way to stop it, and what it did. */
export function ActionCard({ id, onLeave }: { id: string; onLeave?: (() => void) | undefined }) {
  const { data: action, error, refetch } = useAction(id);
  const { may } = useSession();
  const [isStopping, setStopping] = useState(false);
  if (action === undefined) {
    if (error === null) return <p className="card soft">Looking up the action …</p>;
    return <Trouble {...wordsOf(error)} onAgain={() => void refetch()} />;
  }
  const isRunning = action.status === 'running';
  const wait = waitOf(action);
  return (
    <section className="card stack" aria-label={headingOf(action)}>
      <div className="row action-head">
        <h2>{headingOf(action)}</h2>
        <Badge tone={TONES[action.status]}>{wait === undefined ? action.status : 'waiting'}</Badge>
      </div>
      <ProgressBar action={action} />
      {error !== null && <p className="note waiting small">This may be old: {wordsOf(error).detail}</p>}
      {wait !== undefined && (
        <p className="note waiting">
          <strong>{wait}</strong> It goes on by itself.
        </p>
      )}
      <About action={action} />
      <ActionEffects action={action} />
      <AuditNote
        action={action.action === 'replay' ? 'replay-many' : 'resolve-many'}
        thing={action.id}
        at={action.startedAt}
      />
      {action.status === 'stopped' && (
        <AuditNote action="stop" thing={action.id} {...(action.endedAt && { at: action.endedAt })} />
      )}
      <div className="row">
        {isRunning && may('act') && (
          <Button look="danger" onPress={() => setStopping(true)}>
            Stop it …
          </Button>
        )}
        {onLeave && <Button onPress={onLeave}>Close this</Button>}
      </div>
      {isStopping && <StopDialog id={id} onClose={() => setStopping(false)} />}
    </section>
  );
}

function About({ action: { actor, reason, startedAt, endedAt, filter } }: { action: Action }) {
  return (
    <p className="small soft">
      By <bdi>{actor}</bdi> at <Time at={startedAt} />
      {endedAt !== null && (
        <>
          , ended at <Time at={endedAt} />
        </>
      )}
      , because “<bdi>{reason}</bdi>”. Chosen: <ChosenWords filter={filter} />.
    </p>
  );
}

function StopDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const run = async (reason: string) => {
    const stopped = await handover.actions.stop(id, reason);
    queryClient.setQueryData(['actions', id], stopped);
    void queryClient.invalidateQueries({ queryKey: ['dead-letters'] });
    return (
      <div className="stack">
        <p>{headingOf(stopped)}. The others are dead letters as before.</p>
        <AuditNote action="stop" thing={id} />
      </div>
    );
  };
  return (
    <ActDialog title="Stop this action?" verb="Stop it" isDangerous run={run} onClose={onClose}>
      <p>
        What it has done stays done, and the one in progress still ends. Those that it has not reached stay
        dead letters. To go on later, choose them again.
      </p>
    </ActDialog>
  );
}

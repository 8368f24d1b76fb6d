import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useSession } from '../session.tsx';
import { Button } from '../ui/button.tsx';
import { Time } from '../ui/time.tsx';
import { statusOptions } from './status.ts';

const QueueDialog = lazy(async () => ({ default: (await import('./queue-dialog.tsx')).QueueDialog }));
const LOOK_EVERY_MS = 15_000;

/** Each queue that is paused, on every screen: since when, by whom, why; and a way to resume it. */
export function PausedBar() {
  const { may } = useSession();
  const { data } = useQuery({ ...statusOptions, enabled: may('read'), refetchInterval: LOOK_EVERY_MS });
  // Kept here: the bar of a queue goes as soon as it runs again, and what was done is still to be told.
  const [resumed, setResumed] = useState<string>();
  return (
    <>
      <div role="status">
        {data?.queues.paused.map(({ queue, since, actor, reason }) => (
          <div key={queue} className="bar-note row">
            <p>
              The queue <strong>{queue}</strong> is paused
              {since !== null && (
                <>
                  {' '}
                  since <Time at={since} />
                </>
              )}
              {actor !== null && (
                <>
                  {' '}
                  by <bdi>{actor}</bdi>
                </>
              )}
              {reason !== null && (
                <>
                  : “<bdi>{reason}</bdi>”
                </>
              )}
            </p>
            {may('act') && <Button onPress={() => setResumed(queue)}>Resume {queue} …</Button>}
          </div>
        ))}
      </div>
      {resumed !== undefined && (
        <Suspense>
          <QueueDialog act="resume" queue={resumed} onClose={() => setResumed(undefined)} />
        </Suspense>
      )}
    </>
  );
}

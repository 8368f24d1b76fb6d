import type { SystemStatus } from '@handover/client';
import { useState } from 'react';
import { useSession } from '../../session.tsx';
import { Button } from '../../ui/button.tsx';
import { Time } from '../../ui/time.tsx';
import { QueueDialog } from './queue-dialog.tsx';

type Given = {
  pause: SystemStatus['queues']['paused'][number];
  /** The status itself tells only of one. */
  isToldHere: boolean;
};

/** A queue that is paused: since when, by whom, why; and a way to resume it. */
export function Paused({ pause: { queue, since, actor, reason }, isToldHere }: Given) {
  const { may } = useSession();
  const [isAsked, setAsked] = useState(false);
  return (
    <div className="stack tight">
      {isToldHere && (
        <p className="small">
          <strong>{queue}</strong> is paused
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
      )}
      {may('act') && (
        <div>
          <Button look="primary" onPress={() => setAsked(true)}>
            Resume {queue} …
          </Button>
        </div>
      )}
      {isAsked && <QueueDialog act="resume" queue={queue} onClose={() => setAsked(false)} />}
    </div>
  );
}

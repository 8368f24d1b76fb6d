import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { wordsOf } from '../../api.ts';
import { useSession } from '../../session.tsx';
import { useTitle } from '../../shell/frame.tsx';
import { QueueDialog } from '../../shell/queue-dialog.tsx';
import { statusOptions } from '../../shell/status.ts';
import { Button } from '../../ui/button.tsx';
import { Told } from '../../ui/told.tsx';
import { Trouble } from '../../ui/trouble.tsx';
import { LastHour } from './last-hour.tsx';
import { Lately } from './lately.tsx';
import { FinePart, PartCard } from './part-card.tsx';
import { partsOf, type State } from './parts.ts';
import './now.css';

const LOOK_EVERY_MS = 5_000;
const VERDICTS: Record<State, string> = {
  fine: 'Healthy',
  waiting: 'Waiting',
  trouble: 'Trouble',
  unknown: 'Not known',
};

/** Is it healthy, what waits and why, what to do; and the last hour. */
export function Screen() {
  useTitle('Now');
  const { may } = useSession();
  const [isPausing, setPausing] = useState(false);
  const { data: status, error, refetch } = useQuery({ ...statusOptions, refetchInterval: LOOK_EVERY_MS });
  const { pressing, fine } = status === undefined ? { pressing: [], fine: [] } : partsOf(status);
  return (
    <div className="page now">
      <div className="page-head">
        <div>
          <h1>Now</h1>
        </div>
        {may('act') && <Button onPress={() => setPausing(true)}>Pause a queue …</Button>}
      </div>
      {error !== null && <Trouble {...wordsOf(error)} onAgain={() => void refetch()} />}
      {status === undefined && error === null && <p className="loading">Asking how it is …</p>}
      {status !== undefined && (
        <>
          <div className={`verdict ${error === null ? status.is : 'unknown'}`} role="status">
            <p className="verdict-word">{error === null ? VERDICTS[status.is] : 'Before that'}</p>
            <p className="verdict-says">
              <Told>{status.says}</Told>
            </p>
            {pressing
              .filter(({ says }) => says !== status.says)
              .map(({ name, says }) => (
                <p key={name}>
                  <Told>{says}</Told>
                </p>
              ))}
          </div>
          {status.mode === 'shadow' && (
            <p className="note waiting">
              <strong>Shadow mode:</strong> transfers are decided, but no call is moved.
            </p>
          )}
          {pressing.length > 0 && (
            <section className="stack" aria-labelledby="pressing">
              <h2 id="pressing">What is not fine, and what to do</h2>
              <div className="pressing">
                {pressing.map((part) => (
                  <PartCard key={part.name} part={part} status={status} />
                ))}
              </div>
            </section>
          )}
        </>
      )}
      <LastHour />
      {status !== undefined && fine.length > 0 && (
        <section className="stack" aria-labelledby="fine">
          <h2 id="fine">What is fine</h2>
          <div className="fine-parts">
            {fine.map((part) => (
              <FinePart key={part.name} part={part} status={status} />
            ))}
          </div>
        </section>
      )}
      <Lately />
      {isPausing && <QueueDialog act="pause" onClose={() => setPausing(false)} />}
    </div>
  );
}

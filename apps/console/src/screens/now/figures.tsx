import type { SystemStatus } from '@handover/client';
import { Link } from '@tanstack/react-router';
import { useSession } from '../../session.tsx';
import { useNow } from '../../ui/now.ts';
import { inWords, Time } from '../../ui/time.tsx';
import { Meter } from './meter.tsx';
import { type PartName, timeLeft } from './parts.ts';

/** The figures of a part, and what can be done about it here. Nothing where its words say all. */
export function Figures({ name, status }: { name: PartName; status: SystemStatus }) {
  const { may } = useSession();
  switch (name) {
    case 'genesys': {
      const { answers, failed, limited, is } = status.genesys;
      if (answers === 0) return null;
      return (
        <>
          <Meter label="Failed answers" value={failed} most={answers} isBad={is === 'trouble'} />
          {limited > 0 && <p className="small">{limited} answers said: too many requests (429).</p>}
        </>
      );
    }
    case 'holdOff':
      return <HoldOff {...status.holdOff} />;
    case 'budget': {
      const { limit, remaining } = status.budget;
      if (limit === null || remaining === null) return null;
      return <Meter label="Used of this minute" value={limit - remaining} most={limit} />;
    }
    case 'queues': {
      const { open, waiting, oldestWaitMs } = status.queues;
      if (waiting === 0) return null;
      return (
        <p className="small">
          {open} open, {waiting} wait for a worker, the oldest for {inWords(oldestWaitMs)}.
        </p>
      );
    }
    case 'deadLetters': {
      const { transfers, billing, unconfirmed } = status.deadLetters;
      if (transfers + billing + unconfirmed === 0) return null;
      return (
        <>
          {(billing > 0 || unconfirmed > 0) && (
            <p className="small">
              {transfers} of transfers, {billing} of billing; {unconfirmed} open transfers are in doubt.
            </p>
          )}
          {may('inspect') && (
            <Link to="/dead-letters" className="button primary">
              Look at the dead letters
            </Link>
          )}
        </>
      );
    }
    case 'billing':
      if (status.billing.is === 'fine') return null;
      return (
        <Link to="/billing" className="button">
          Look at billing
        </Link>
      );
    case 'callbacks':
      return status.callbacks.failing.map(({ key, since }) => (
        <p key={key} className="small">
          Receiver of <bdi>{key}</bdi> fails since <Time at={since} />
        </p>
      ));
    case 'history': {
      const { waiting, lagMs } = status.history;
      return waiting === 0 ? null : (
        <p className="small">
          {waiting} wait, the oldest for {inWords(lagMs)}.
        </p>
      );
    }
    default:
      return null;
  }
}

function HoldOff({ until, operations }: SystemStatus['holdOff']) {
  const now = useNow(1_000);
  const left = until === null ? undefined : timeLeft(until, now);
  return (
    <>
      {until !== null && (
        <p className="left">{left === undefined ? 'Over: it goes on.' : <strong>{left} left</strong>}</p>
      )}
      {operations.map(({ operation, until: end }) => (
        <p key={operation} className="small">
          <bdi>{operation}</bdi>: {timeLeft(end, now) ?? 'no time'} left
        </p>
      ))}
    </>
  );
}

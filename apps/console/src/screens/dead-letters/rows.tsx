import type { DeadLetter } from '@handover/client';
import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import { Badge } from '../../ui/badge.tsx';
import { Time } from '../../ui/time.tsx';

type Rows = {
  letters: DeadLetter[];
  mayChoose: boolean;
  chosen: ReadonlySet<string>;
  onChoose: (ids: string[], isChosen: boolean) => void;
};

/** Dead letters to read and choose, each with a link to its transfer. */
export function Rows({ letters, mayChoose, chosen, onChoose }: Rows) {
  const ids = letters.map(({ id }) => id);
  const areAll = ids.every((id) => chosen.has(id));
  return (
    <table className="letters">
      <caption className="visually-hidden">Dead letters, newest first</caption>
      <thead>
        <tr>
          {mayChoose && (
            <th scope="col" className="box">
              <input
                type="checkbox"
                aria-label="Choose all on this page"
                checked={areAll}
                onChange={() => onChoose(ids, !areAll)}
              />
            </th>
          )}
          <th scope="col">What happened</th>
          <th scope="col" className="wide-only">
            Call and agent
          </th>
          <th scope="col" className="wide-only">
            Dead since
          </th>
        </tr>
      </thead>
      <tbody>
        {letters.map((letter) => (
          <Row
            key={letter.id}
            letter={letter}
            mayChoose={mayChoose}
            isChosen={chosen.has(letter.id)}
            onChoose={onChoose}
          />
        ))}
      </tbody>
    </table>
  );
}

type One = Pick<Rows, 'mayChoose' | 'onChoose'> & { letter: DeadLetter; isChosen: boolean };

const Row = memo(function Row({ letter, mayChoose, isChosen, onChoose }: One) {
  const { id, kind, story, request, since } = letter;
  return (
    <tr>
      {mayChoose && (
        <td className="box">
          <input
            type="checkbox"
            aria-label={`Choose ${request?.callId ?? id}`}
            checked={isChosen}
            onChange={() => onChoose([id], !isChosen)}
          />
        </td>
      )}
      <td>
        <Badge tone={kind === 'failed' || kind === 'contradicted' ? 'bad' : 'waiting'}>{kind}</Badge>{' '}
        <Link to="/transfers/$id" params={{ id }} className="clamped">
          <bdi>{story}</bdi>
        </Link>
        <div className="small soft narrow-only clamped">
          <Time at={since} />
          {request !== null && (
            <>
              , call <bdi>{request.callId}</bdi>, agent <bdi>{request.userId}</bdi>
            </>
          )}
        </div>
      </td>
      <td className="small wide-only">
        {request === null ? (
          'not readable'
        ) : (
          <>
            <bdi className="clamped">{request.callId}</bdi>
            <bdi className="clamped soft">{request.userId}</bdi>
          </>
        )}
      </td>
      <td className="small when wide-only">
        <Time at={since} />
      </td>
    </tr>
  );
});

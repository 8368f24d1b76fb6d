import type { Action, TransferStatus } from '@handover/client';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { Status } from '../../ui/badge.tsx';
import { LetterLinks } from './letter-links.tsx';
import { rememberedIds } from './remembered.ts';
import { many, skippedWords } from './words.ts';

/** What an action led to: what it left out, what became of its transfers, and links to them. */
export function ActionEffects({ action }: { action: Action }) {
  const ids = useMemo(() => rememberedIds(action.id), [action.id]);
  const leftOut = Object.entries(action.skipped);
  const { ids: _, billing: __, from: ___, to: ____, ...fields } = action.filter;
  return (
    <>
      {leftOut.length > 0 && (
        <ul className="small">
          {leftOut.map(([why, count]) => (
            <li key={why}>
              {count.toLocaleString()} left out: {skippedWords(why)}.
            </li>
          ))}
        </ul>
      )}
      {action.failed > 0 && (
        <p className="small">{action.failed} ended with an unexpected error; the log of the worker has it.</p>
      )}
      <Ends action={action} />
      {(action.ended?.failed ?? 0) > 0 && (
        <p className="small">
          What failed again is a dead letter again:{' '}
          <Link to="/dead-letters" search={{ ...fields, from: action.startedAt, action: action.id }}>
            show those since it began
          </Link>
        </p>
      )}
      {ids.length > 0 && (
        <details>
          <summary>Its transfers ({ids.length.toLocaleString()})</summary>
          <LetterLinks ids={ids} />
        </details>
      )}
    </>
  );
}

/** How the transfers that it replayed have ended since, and how many have not. */
function Ends({ action }: { action: Action }) {
  const ends = Object.entries(action.ended ?? {}).sort(([, one], [, other]) => other - one);
  const { open = 0 } = action;
  if (ends.length === 0 && open === 0) return null;
  return (
    <p className="row">
      {ends.length > 0 && <span>Ended since as:</span>}
      {ends.map(([status, count]) => (
        <span key={status} className="row outcome">
          <Status status={status as TransferStatus} /> {count.toLocaleString()}
        </span>
      ))}
      {open > 0 && <span className="soft">{many(open, 'transfer')} still open</span>}
    </p>
  );
}

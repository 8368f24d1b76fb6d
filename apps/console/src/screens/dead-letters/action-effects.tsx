import type { Action, TransferStatus } from '@handover/client';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useChanges } from '../../live/changes.tsx';
import { Status } from '../../ui/badge.tsx';
import { LetterLinks } from './letter-links.tsx';
import { rememberedIds } from './remembered.ts';
import { useDeadAgain } from './use-actions.ts';
import { many, skippedWords } from './words.ts';

/** What an action led to: what it left out, what became of its transfers, and links to them. */
export function ActionEffects({ action }: { action: Action }) {
  const ids = useMemo(() => rememberedIds(action.id), [action.id]);
  const outcomes = useOutcomes(ids);
  const again = useDeadAgain(action).data;
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
      {outcomes.length > 0 && (
        <p className="row" role="status">
          <span>Results so far:</span>
          {outcomes.map(([status, count]) => (
            <span key={status} className="row outcome">
              <Status status={status} /> {count.toLocaleString()}
            </span>
          ))}
        </p>
      )}
      {again !== undefined && (
        <p className="small">
          {again.count === 0 ? (
            'None has become a dead letter again since.'
          ) : (
            <>
              <strong>
                {again.isAll ? '' : 'At least '}
                {many(again.count, 'dead letter')} like these since it began:
              </strong>{' '}
              <Link to="/dead-letters" search={{ ...fields, from: action.startedAt, action: action.id }}>
                show them
              </Link>
            </>
          )}
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

/** How the transfers of these ids stand now, of those that changed since this is shown. */
function useOutcomes(ids: readonly string[]): [TransferStatus, number][] {
  const [statuses, setStatuses] = useState<ReadonlyMap<string, TransferStatus>>(new Map());
  const wanted = useMemo(() => new Set(ids), [ids]);
  useChanges((changed) => {
    const news = [...changed].filter(([id]) => wanted.has(id));
    if (news.length === 0) return;
    setStatuses((before) => new Map([...before, ...news.map(([id, { status }]) => [id, status] as const)]));
  });
  const counts = new Map<TransferStatus, number>();
  for (const status of statuses.values()) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one);
}

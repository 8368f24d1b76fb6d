import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { wordsOf } from '../../api.ts';
import { Badge } from '../../ui/badge.tsx';
import { Time } from '../../ui/time.tsx';
import { Trouble } from '../../ui/trouble.tsx';
import { ActionCard } from './action-card.tsx';
import { headingOf } from './progress.ts';
import { useActions } from './use-actions.ts';

const MOST_EARLIER = 20;

type Shown = {
  /** The one that the URL names. */
  chosen: string | undefined;
  search: Record<string, string>;
  onLeave: () => void;
};

/** The actions that run, by whomever, also once they have ended; the one that the URL names; and a list of those before. */
export function Actions({ chosen, search, onLeave }: Shown) {
  const { data, error, refetch } = useActions();
  const items = data?.items ?? [];
  const [watched, setWatched] = useState<readonly string[]>([]);
  useEffect(() => {
    const running = data?.items.filter(({ status }) => status === 'running').map(({ id }) => id) ?? [];
    setWatched((before) => {
      const news = running.filter((id) => !before.includes(id));
      return news.length === 0 ? before : [...news, ...before];
    });
  }, [data]);
  const leave = (id: string) => setWatched((before) => before.filter((other) => other !== id));
  const shown = items.filter(({ id }) => watched.includes(id) && id !== chosen);
  const earlier = items.filter(({ id }) => !watched.includes(id) && id !== chosen);
  return (
    <>
      {chosen !== undefined && (
        <ActionCard
          key={chosen}
          id={chosen}
          onLeave={() => {
            leave(chosen);
            onLeave();
          }}
        />
      )}
      {shown.map(({ id, status }) => (
        <ActionCard key={id} id={id} onLeave={status === 'running' ? undefined : () => leave(id)} />
      ))}
      {error !== null && <Trouble {...wordsOf(error)} onAgain={() => void refetch()} />}
      {earlier.length > 0 && (
        <details className="card">
          <summary>Earlier actions ({earlier.length})</summary>
          <ul className="earlier small">
            {earlier.slice(0, MOST_EARLIER).map((action) => (
              <li key={action.id} className="row">
                <Badge>{action.status}</Badge>
                <Link to="/dead-letters" search={{ ...search, action: action.id }}>
                  {headingOf(action)}
                </Link>
                <span className="soft">
                  <Time at={action.startedAt} /> by <bdi>{action.actor}</bdi>
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Button } from '../../ui/button.tsx';
import type { About } from './about.ts';

const STEP = 50;

/** Links to transfers, some at a time: by their calls where these are known, else by id. */
export function LetterLinks({
  ids,
  about,
}: {
  ids: readonly string[];
  about?: ReadonlyMap<string, About> | undefined;
}) {
  const [shown, setShown] = useState(STEP);
  return (
    <div className="stack">
      <ol className="letter-links small">
        {ids.slice(0, shown).map((id) => (
          <li key={id}>
            <One id={id} about={about?.get(id)} />
          </li>
        ))}
      </ol>
      {ids.length > shown && (
        <div>
          <Button look="plain" onPress={() => setShown(shown + 200)}>
            Show more of the other {(ids.length - shown).toLocaleString()}
          </Button>
        </div>
      )}
    </div>
  );
}

function One({ id, about }: { id: string; about: About | undefined }) {
  return (
    <>
      <Link
        to="/transfers/$id"
        params={{ id }}
        target="_blank"
        className="letter-id"
        title={`Transfer ${id}`}
      >
        <bdi>{about?.call ?? id}</bdi>
      </Link>
      {about !== undefined && (
        <span className="soft">
          {' '}
          agent <bdi>{about.agent}</bdi>, to <bdi>{about.target}</bdi>
        </span>
      )}
    </>
  );
}

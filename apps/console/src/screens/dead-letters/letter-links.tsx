import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Button } from '../../ui/button.tsx';

const STEP = 50;

/** Links to transfers, some at a time. `about`: what is known of them, such as their calls. */
export function LetterLinks({
  ids,
  about,
}: {
  ids: readonly string[];
  about?: ReadonlyMap<string, string> | undefined;
}) {
  const [shown, setShown] = useState(STEP);
  return (
    <div className="stack">
      <ol className="letter-links small">
        {ids.slice(0, shown).map((id) => (
          <li key={id}>
            <Link to="/transfers/$id" params={{ id }} target="_blank" className="letter-id">
              {id}
            </Link>
            {about?.has(id) && (
              <span className="soft">
                {' '}
                call <bdi>{about.get(id)}</bdi>
              </span>
            )}
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

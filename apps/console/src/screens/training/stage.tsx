import type { TrainingRun } from '@handover/client';
import { type Place, placesShown } from './place.ts';

const NAMES: Record<Place, string> = {
  agent: 'With the agent',
  unknown: 'Not known',
  target: 'At the target',
  fallback: 'At the fallback',
  elsewhere: 'Elsewhere',
  ended: 'Ended',
};
const LOOKS: Record<Place, string> = {
  agent: '☎',
  unknown: '?',
  target: '☎',
  fallback: '☎',
  elsewhere: '↗',
  ended: '✕',
};

type Shown = {
  places: Place[];
  at: number;
  run: Pick<TrainingRun, 'hasFallback'>;
  /** What is still to come is not given away. */
  isFresh: boolean;
};

/** Where the call is at this step, as far as Handover knows. */
export function Stage({ places, at, run, isFresh }: Shown) {
  const here = places[at] ?? 'agent';
  const shown = placesShown(isFresh ? places.slice(0, at + 1) : places, run);
  return (
    <figure className="stage">
      <figcaption className="label">Where is the call, as far as Handover knows?</figcaption>
      <ol>
        {shown.map((place) => (
          <li key={place} className={`place ${place}`} aria-current={place === here ? 'true' : undefined}>
            <span className="place-mark" aria-hidden="true">
              {place === here ? LOOKS[place] : ''}
            </span>
            {NAMES[place]}
          </li>
        ))}
      </ol>
    </figure>
  );
}

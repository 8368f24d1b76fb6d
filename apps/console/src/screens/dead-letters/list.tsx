import type { DeadLetter } from '@handover/client';
import { useCallback, useMemo, useState } from 'react';
import { useSession } from '../../session.tsx';
import { Button } from '../../ui/button.tsx';
import { allOf, type Chosen, type Filter, type Plan } from './filter.ts';
import { isInDoubt } from './groups.ts';
import type { Letters } from './letters.ts';
import { pageOf } from './pages.ts';
import { Rows } from './rows.tsx';

/** So many ids fit into one action. */
const MOST_IDS = 1_000;

type List = {
  letters: Letters;
  filter: Filter;
  page: string | undefined;
  onPage: (page: number) => void;
  onPlan: (plan: Plan) => void;
};

/** Single dead letters, to read and to choose from. */
export function List({ letters: { items, isAll }, filter, page, onPage, onPlan }: List) {
  const { may } = useSession();
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const onChoose = useCallback((ids: string[], isChosen: boolean) => {
    setTicked((before) => {
      const next = new Set(before);
      for (const id of ids) isChosen ? next.add(id) : next.delete(id);
      return next;
    });
  }, []);
  const chosen = useMemo(() => items.filter(({ id }) => ticked.has(id)), [items, ticked]);
  const { rows, number, count } = pageOf(items, page);
  return (
    <section className="stack" aria-labelledby="single">
      <h2 id="single">One by one</h2>
      {may('act') && (
        <div className="card row choosing">
          {chosen.length === 0 ? (
            <>
              <span>
                Tick some, or<span className="wide-only"> take all that match</span>:
              </span>
              <Acts
                letters={items}
                filter={allOf(filter)}
                which={isAll ? `all ${items.length.toLocaleString()}` : 'all'}
                onPlan={onPlan}
              />
            </>
          ) : (
            <>
              <strong>{chosen.length.toLocaleString()} chosen</strong>
              {chosen.length > MOST_IDS ? (
                <span className="error-text">At most {MOST_IDS.toLocaleString()} at once.</span>
              ) : (
                <Acts
                  letters={chosen}
                  filter={chosenOf(chosen)}
                  which={chosen.length.toLocaleString()}
                  onPlan={onPlan}
                />
              )}
              <Button look="plain" onPress={() => setTicked(new Set())}>
                Choose none
              </Button>
            </>
          )}
        </div>
      )}
      <div className="card flush">
        <Rows letters={rows} mayChoose={may('act')} chosen={ticked} onChoose={onChoose} />
      </div>
      {count > 1 && (
        <nav className="row" aria-label="Pages of dead letters">
          <Button isDisabled={number === 1} onPress={() => onPage(number - 1)}>
            Newer
          </Button>
          <span>
            Page {number} of {count}
          </span>
          <Button isDisabled={number === count} onPress={() => onPage(number + 1)}>
            Older
          </Button>
        </nav>
      )}
    </section>
  );
}

function Acts({
  letters,
  filter,
  which,
  onPlan,
}: {
  letters: DeadLetter[];
  filter: Chosen;
  /** `all 190`, `3`. */
  which: string;
  onPlan: (plan: Plan) => void;
}) {
  return (
    <>
      <Button onPress={() => onPlan({ act: 'replay', filter })}>Replay {which} …</Button>
      {letters.some(({ kind }) => isInDoubt(kind)) && (
        <Button onPress={() => onPlan({ act: 'resolve', filter })}>Resolve {which} …</Button>
      )}
    </>
  );
}

/** The kind goes along where all are held: else a replay leaves them out. */
function chosenOf(letters: DeadLetter[]): Chosen {
  const areHeld = letters.every(({ kind }) => kind === 'held');
  return { ids: letters.map(({ id }) => id), ...(areHeld && { kind: 'held' }) };
}

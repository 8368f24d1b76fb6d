import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { handover, wordsOf } from '../../api.ts';
import { ActDialog } from '../../ui/act-dialog.tsx';
import { Choice } from '../../ui/field.tsx';
import { Trouble } from '../../ui/trouble.tsx';
import type { About } from './about.ts';
import type { Plan } from './filter.ts';
import { countOf, Preview } from './preview.tsx';
import { rememberIds } from './remembered.ts';

type Many = {
  plan: Plan;
  /** The transfers that are known. */
  about: ReadonlyMap<string, About>;
  onStarted: (action: string) => void;
  onClose: () => void;
};

/** Shows what a replay or resolution of many would do, asks why, and begins it. */
export function ManyDialog({ plan, about, onStarted, onClose }: Many) {
  const { act, filter } = plan;
  const isOfBilling = 'billing' in filter;
  const isHeld = 'kind' in filter && filter.kind === 'held' && act === 'replay';
  const [hasLooked, setLooked] = useState(false);
  const [happened, setHappened] = useState<'' | 'yes' | 'no'>('');
  const looked = useId();
  const { data, error, refetch } = useQuery({
    queryKey: ['dead-letters', 'preview', plan],
    queryFn: ({ signal }) =>
      plan.act === 'replay'
        ? handover.deadLetters.previewReplay({ filter: plan.filter }, { signal })
        : handover.deadLetters.previewResolve({ filter: plan.filter, happened: false }, { signal }),
    staleTime: 0,
    gcTime: 0,
    placeholderData: () => undefined,
  });
  const count = data === undefined ? 0 : countOf(data);
  const run = async (reason: string) => {
    const { id } =
      plan.act === 'replay'
        ? await handover.deadLetters.replayMany({ filter: plan.filter, reason })
        : await handover.deadLetters.resolveMany({
            filter: plan.filter,
            happened: happened === 'yes',
            reason,
          });
    if (!isOfBilling) rememberIds(id, data?.ids ?? []);
    onStarted(id);
    return null;
  };
  const verb = act === 'replay' ? 'Replay' : 'Resolve';
  return (
    <ActDialog
      title={act === 'replay' ? 'Replay these?' : 'Were these calls moved?'}
      verb={count === 0 ? verb : `${verb} ${count.toLocaleString()}`}
      isDangerous={act === 'resolve' || isHeld}
      isReady={count > 0 && (act === 'replay' ? !isHeld || hasLooked : happened !== '')}
      run={run}
      onClose={onClose}
    >
      <div className="stack">
        <p>{meaningOf(plan, isHeld)}</p>
        {error !== null && <Trouble {...wordsOf(error)} onAgain={() => void refetch()} />}
        {data === undefined && error === null && <p className="soft">Counting …</p>}
        {data !== undefined && <Preview preview={data} plan={plan} about={about} />}
        {isHeld && (
          <div className="note bad">
            <strong>These may have been sent before Redis lost data.</strong>
            <p>A replay may move their calls a second time. Resolving them is safer.</p>
            <p className="looked">
              <input
                id={looked}
                type="checkbox"
                checked={hasLooked}
                onChange={({ target }) => setLooked(target.checked)}
              />
              <label htmlFor={looked}>I have looked in Genesys: none of these calls was moved.</label>
            </p>
          </div>
        )}
        {act === 'resolve' && (
          <Choice
            label="These calls"
            value={happened}
            choices={[
              { value: '', name: 'choose …' },
              { value: 'yes', name: 'were moved: end as transferred' },
              { value: 'no', name: 'were not moved: end as failed' },
            ]}
            onChange={setHappened}
          />
        )}
      </div>
    </ActDialog>
  );
}

function meaningOf({ act, filter }: Plan, isHeld: boolean): string {
  if ('billing' in filter)
    return 'Each is delivered or processed anew, for another day of retries. Bills keep their idempotency keys, so nothing is billed twice.';
  if (act === 'resolve')
    return 'Look in Genesys or ask the agents first: Handover takes your word for all of them, and does not ask again.';
  if (isHeld) return 'Each starts again with a new deadline, as if nothing had been sent.';
  return 'Each starts again with a new deadline. Its call is read first: a move that already happened is not repeated. Workers do it within the budget, behind the transfers that wait.';
}

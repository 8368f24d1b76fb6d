import type { TrainingRun } from '@handover/client';
import { useNavigate } from '@tanstack/react-router';
import { Form } from 'react-aria-components';
import { Button } from '../../ui/button.tsx';
import { TextEntry } from '../../ui/field.tsx';
import { changed, type Search } from './search.ts';
import { byTrainee, rollOf } from './summary.ts';

type Shown = { runs: TrainingRun[]; isAll: boolean; search: Search };

/**
 * Who of those that should have practised has no run. The names are the trainer's; they stand in the URL, so the address can be
 * kept. `isAll`: there are no older runs.
 */
export function Roll({ runs, isAll, search }: Shown) {
  const navigate = useNavigate({ from: '/training' });
  const { roll = '' } = search;
  const { names, missing } = rollOf(roll, byTrainee(runs));
  return (
    <section className="card stack no-print" aria-label="Who is missing">
      <Form
        key={roll}
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          const typed = String(new FormData(event.currentTarget).get('roll') ?? '').trim();
          void navigate({ search: (before) => changed(before, { roll: typed }), resetScroll: false });
        }}
      >
        <TextEntry
          label="Who should have practised?"
          hint="Names, separated by commas. They stand in the address of this page."
          name="roll"
          defaultValue={roll}
          maxLength={2_000}
          dir="auto"
          autoComplete="off"
          placeholder="Mia, Tom, Zoe"
        />
        <div className="row">
          <Button type="submit">Who is missing?</Button>
        </div>
      </Form>
      {names.length > 0 && (
        <p className={`note ${missing.length === 0 ? 'good' : 'waiting'}`} role="status">
          {missing.length === 0 ? (
            'Everybody on the list has practised.'
          ) : (
            <>
              <strong>
                {isAll ? 'Not practised yet' : 'Not among the latest 1,000 runs'}: {missing.length}.
              </strong>{' '}
              <bdi>{missing.join(', ')}</bdi>
            </>
          )}
        </p>
      )}
    </section>
  );
}

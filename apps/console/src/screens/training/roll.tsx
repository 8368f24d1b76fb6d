import { useNavigate } from '@tanstack/react-router';
import { Form } from 'react-aria-components';
import { Button } from '../../ui/button.tsx';
import { TextEntry } from '../../ui/field.tsx';
import { changed, type Search } from './search.ts';

/** Those who should have practised, and who of them has not. `isAll`: there are no older runs. */
export type Roll = { names: string[]; missing: string[]; isAll: boolean };

/** Asks who should have practised. The names are the trainer's; they stand in the URL, so the address can be kept. */
export function RollEntry({ roll: told, search }: { roll: Roll; search: Search }) {
  const navigate = useNavigate({ from: '/training' });
  const { roll = '' } = search;
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
      {told.names.length > 0 && (
        <p className={`note ${told.missing.length === 0 ? 'good' : 'waiting'}`} role="status">
          <MissingNames roll={told} />
        </p>
      )}
    </section>
  );
}

/** Who is missing, on the screen and on paper. */
export function MissingNames({ roll: { names, missing, isAll } }: { roll: Roll }) {
  if (missing.length === 0) return `Everybody on the list (${names.length}) has practised.`;
  return (
    <>
      <strong>
        {isAll ? 'Not practised yet' : 'Not practised in the latest 1,000 runs'}: {missing.length} of{' '}
        {names.length} on the list.
      </strong>{' '}
      <bdi>{missing.join(', ')}</bdi>
    </>
  );
}

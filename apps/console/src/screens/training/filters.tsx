import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { Form } from 'react-aria-components';
import { Button } from '../../ui/button.tsx';
import { TextEntry } from '../../ui/field.tsx';
import { isReversed } from '../../ui/reversed.ts';
import { SwapDays } from '../../ui/swap-days.tsx';
import { changed, type Search } from './search.ts';

const NAMES = ['runsOf', 'runsIn', 'from', 'to'] as const;

/** Which runs: of a trainee, in a class, in a time. Stands in the URL once it is applied. */
export function Filters({ search }: { search: Search }) {
  // Another address brings other values.
  const entries = <Entries key={NAMES.map((name) => search[name]).join('\n')} search={search} />;
  const { from, to } = search;
  if (!isReversed(from, to)) return entries;
  return (
    <>
      {entries}
      <SwapDays to="/training" search={changed(search, { from: to, to: from, cursor: undefined })} />
    </>
  );
}

function Entries({ search }: { search: Search }) {
  const navigate = useNavigate({ from: '/training' });
  const [typed, setTyped] = useState(() =>
    Object.fromEntries(NAMES.map((name): [string, string] => [name, search[name] ?? ''])),
  );
  const go = (values: Record<string, string | undefined>) =>
    void navigate({ search: (before) => changed(before, { ...values, cursor: undefined }) });
  const apply = (event: FormEvent) => {
    event.preventDefault();
    const values = Object.fromEntries(Object.entries(typed).map(([name, text]) => [name, text.trim()]));
    // Another class has other people.
    go({ ...values, ...(values.runsIn !== (search.runsIn ?? '') && { roll: undefined }) });
  };
  const entry = (name: (typeof NAMES)[number]) => ({
    value: typed[name] ?? '',
    onChange: (text: string) => setTyped((before) => ({ ...before, [name]: text })),
  });
  const isFiltered = NAMES.some((name) => search[name] !== undefined);
  return (
    <Form className="card filters no-print" aria-label="Which runs" onSubmit={apply}>
      <TextEntry label="Trainee" {...entry('runsOf')} maxLength={100} dir="auto" autoComplete="off" />
      <TextEntry label="Class" {...entry('runsIn')} maxLength={100} dir="auto" autoComplete="off" />
      <TextEntry label="From (UTC day)" type="date" {...entry('from')} />
      <TextEntry label="To (UTC day)" type="date" {...entry('to')} />
      <div className="row">
        <Button type="submit" look="primary">
          Show
        </Button>
        {isFiltered && (
          <Button look="plain" onPress={() => go(Object.fromEntries(NAMES.map((name) => [name, undefined])))}>
            All runs
          </Button>
        )}
      </div>
    </Form>
  );
}

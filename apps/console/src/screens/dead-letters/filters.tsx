import { type FormEvent, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { Choice, TextEntry } from '../../ui/field.tsx';
import { type Filter, kinds, reasons } from './filter.ts';

const ANY = 'any';
const choicesOf = (words: string[]) => [ANY, ...words].map((word) => ({ value: word, name: word }));

type Filters = { filter: Filter; onFilter: (filter: Record<string, string>) => void };

/** The filters of the API. What is set goes to `onFilter`, which puts it into the URL. */
export function Filters({ filter, onFilter }: Filters) {
  const [texts, setTexts] = useState<Record<string, string>>(filter);
  const choose = (name: 'kind' | 'reason', word: string) =>
    onFilter({ ...filter, [name]: word === ANY ? '' : word });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onFilter(Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, text.trim()])));
  };
  const entry = (name: 'callId' | 'agent' | 'target' | 'key' | 'from' | 'to', label: string) => (
    <TextEntry
      label={label}
      value={texts[name] ?? ''}
      placeholder={name === 'from' || name === 'to' ? '2026-11-27 or 2026-11-27T09:00:00Z' : undefined}
      onChange={(text) => setTexts({ ...texts, [name]: text })}
      maxLength={200}
    />
  );
  const count = Object.keys(filter).filter((name) => name !== 'kind' && name !== 'reason').length;
  return (
    <section className="card stack" aria-label="Filters">
      <div className="letter-filters">
        <Choice
          label="Kind"
          value={filter.kind ?? ANY}
          choices={choicesOf(kinds)}
          onChange={(kind) => choose('kind', kind)}
        />
        <Choice
          label="Reason"
          value={filter.reason ?? ANY}
          choices={choicesOf(reasons)}
          onChange={(reason) => choose('reason', reason)}
        />
        {Object.keys(filter).length > 0 && <Button onPress={() => onFilter({})}>Show all</Button>}
      </div>
      <details open={count > 0}>
        <summary>{count === 0 ? 'More filters' : `More filters (${count} set)`}</summary>
        <form className="letter-filters" onSubmit={submit}>
          {entry('callId', 'Call')}
          {entry('agent', 'Agent')}
          {entry('target', 'Target')}
          {entry('key', 'API key (its name)')}
          {entry('from', 'Dead since (day in UTC, or time)')}
          {entry('to', 'Dead until')}
          <Button type="submit">Filter</Button>
        </form>
      </details>
    </section>
  );
}

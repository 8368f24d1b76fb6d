import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { Choice, TextEntry } from '../../ui/field.tsx';
import { type Filter, isDay, reasons, statuses } from './filter.ts';
import { meant } from './meant.ts';

const ANY = 'any';
const choicesOf = (words: string[]) => [
  { value: ANY, name: 'any' },
  ...words.map((word) => ({ value: word, name: word })),
];
const STATUS_CHOICES = choicesOf(statuses);
const REASON_CHOICES = choicesOf(reasons);

/** One box for a call, agent, target or id, and the filters of the list. All of it stands in the URL. */
export function Filters({ filter, search }: { filter: Filter; search: Record<string, string> }) {
  const navigate = useNavigate();
  const [typed, setTyped] = useState(search.find ?? '');
  const [texts, setTexts] = useState<Filter>(filter);
  const show = (next: Record<string, string | undefined>) => {
    const given = Object.entries(next).flatMap(([name, value]) => (value ? [[name, value.trim()]] : []));
    void navigate({ to: '/transfers', search: Object.fromEntries(given) });
  };
  const find = (event: FormEvent) => {
    event.preventDefault();
    const text = meant(typed);
    if (text !== '') show({ find: text });
  };
  const narrow = (event: FormEvent) => {
    event.preventDefault();
    show(texts);
  };
  const entry = (name: 'callId' | 'agent' | 'target' | 'key', label: string) => (
    <TextEntry
      label={label}
      value={texts[name] ?? ''}
      onChange={(value) => setTexts({ ...texts, [name]: value })}
      maxLength={200}
    />
  );
  const day = (name: 'from' | 'to', label: string) => (
    <TextEntry
      label={label}
      type={isDay(texts[name] ?? '') || !texts[name] ? 'date' : 'text'}
      value={texts[name] ?? ''}
      onChange={(value) => setTexts({ ...texts, [name]: value })}
    />
  );
  const count = Object.keys(filter).filter((name) => name !== 'status' && name !== 'reason').length;
  return (
    <section className="card stack" aria-label="Find and filter">
      <search>
        <form className="find" onSubmit={find}>
          <TextEntry
            label="Find"
            placeholder="A call, an agent, a target or the id of a transfer"
            value={typed}
            onChange={setTyped}
          />
          <Button type="submit" look="primary">
            Find
          </Button>
        </form>
      </search>
      <div className="filters">
        <Choice
          label="Status"
          value={filter.status ?? ANY}
          choices={STATUS_CHOICES}
          onChange={(status) => show({ ...filter, status: status === ANY ? '' : status })}
        />
        <Choice
          label="Reason"
          value={filter.reason ?? ANY}
          choices={REASON_CHOICES}
          onChange={(reason) => show({ ...filter, reason: reason === ANY ? '' : reason })}
        />
        {(Object.keys(filter).length > 0 || search.find !== undefined) && (
          <Button onPress={() => show({})}>Show all</Button>
        )}
      </div>
      <details className="more" open={count > 0}>
        <summary>{count === 0 ? 'More filters' : `More filters (${count} set)`}</summary>
        <form className="filters" onSubmit={narrow}>
          {entry('callId', 'Call')}
          {entry('agent', 'Agent')}
          {entry('target', 'Target')}
          {entry('key', 'API key (its name)')}
          {day('from', 'From (day in UTC)')}
          {day('to', 'To (day in UTC)')}
          <Button type="submit">Filter</Button>
        </form>
      </details>
    </section>
  );
}

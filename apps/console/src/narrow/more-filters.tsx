import { type FormEvent, useEffect, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { Choice, TextEntry } from '../ui/field.tsx';
import { type Filter, isDay } from './filter.ts';

const ANY = 'any';

type WordChoice = {
  label: string;
  word: string | undefined;
  words: readonly string[];
  /** How a word is shown; as it is, if absent. */
  nameOf?: (word: string) => string;
  onChoose: (word: string) => void;
};

/** A choice of a word that narrows; '' stands for any. */
export function WordChoice({ label, word, words, nameOf = (one) => one, onChoose }: WordChoice) {
  return (
    <Choice
      label={label}
      value={word ?? ANY}
      choices={[ANY, ...words].map((one) => ({ value: one, name: one === ANY ? ANY : nameOf(one) }))}
      onChange={(chosen) => onChoose(chosen === ANY ? '' : chosen)}
    />
  );
}

type MoreFilters = {
  filter: Filter;
  /** The names of the range's fields. */
  from: string;
  to: string;
  /** Texts may be empty: then they narrow nothing. */
  onFilter: (texts: Record<string, string>) => void;
};

/** The filters in words of one's own; folded as long as none is set. */
export function MoreFilters({ filter, from, to, onFilter }: MoreFilters) {
  const [texts, setTexts] = useState<Record<string, string>>(filter);
  // The filter is made anew with each render; its text stays the same.
  const filterText = JSON.stringify(filter);
  useEffect(() => setTexts(JSON.parse(filterText)), [filterText]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onFilter(Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, text.trim()])));
  };
  const entry = (name: keyof Filter, label: string, type = 'text') => (
    <TextEntry
      label={label}
      type={type}
      value={texts[name] ?? ''}
      onChange={(text) => setTexts({ ...texts, [name]: text })}
      maxLength={200}
    />
  );
  const day = (name: 'from' | 'to', label: string) =>
    entry(name, label, isDay(texts[name] ?? '') || !texts[name] ? 'date' : 'text');
  const { callId, agent, target, key } = filter;
  const count = [callId, agent, target, key, filter.from, filter.to].filter(Boolean).length;
  return (
    <details open={count > 0}>
      <summary>{count === 0 ? 'More filters' : `More filters (${count} set)`}</summary>
      <form className="filters" onSubmit={submit}>
        {entry('callId', 'Call')}
        {entry('agent', 'Agent')}
        {entry('target', 'Target')}
        {entry('key', 'API key (its name)')}
        {day('from', from)}
        {day('to', to)}
        <Button type="submit">Filter</Button>
      </form>
    </details>
  );
}

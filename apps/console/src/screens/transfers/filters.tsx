import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { type Filter, statuses } from '../../narrow/filter.ts';
import { MoreFilters, WordChoice } from '../../narrow/more-filters.tsx';
import { Button } from '../../ui/button.tsx';
import { TextEntry } from '../../ui/field.tsx';
import { reasonChoice, reasons } from '../../ui/reasons.ts';
import { ChosenWords } from '../dead-letters/chosen.tsx';
import { Folded } from './folded.tsx';
import { meant } from './meant.ts';

/** One box for a call, agent, target or id, and the filters of the list. All of it stands in the URL. */
export function Filters({ filter, search }: { filter: Filter; search: Record<string, string> }) {
  const navigate = useNavigate();
  const [typed, setTyped] = useState(search.find ?? '');
  const show = (next: Record<string, string | undefined>) => {
    const given = Object.entries(next).flatMap(([name, value]) => (value ? [[name, value.trim()]] : []));
    void navigate({ to: '/transfers', search: Object.fromEntries(given) });
  };
  const find = (event: FormEvent) => {
    event.preventDefault();
    const text = meant(typed);
    if (text !== '') show({ find: text });
  };
  const showAll = () => {
    setTyped('');
    show({});
  };
  const isFiltered = Object.keys(filter).length > 0;
  const isSet = isFiltered || search.find !== undefined;
  const { status, reason, ...more } = filter;
  const chosen = { ...(status && { status }), ...(reason && { reason }) };
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
      <Folded isSet={isSet} words={isFiltered && <ChosenWords filter={filter} />} onNone={showAll}>
        <div className="filters">
          <WordChoice
            label="Status"
            word={status}
            words={statuses}
            onChoose={(word) => show({ ...filter, status: word })}
          />
          <WordChoice
            label="Reason"
            word={reason}
            words={reasons}
            nameOf={reasonChoice}
            onChoose={(word) => show({ ...filter, reason: word })}
          />
          {isSet && <Button onPress={showAll}>Show all</Button>}
        </div>
        <MoreFilters
          filter={more}
          from="From (day in UTC)"
          to="To (day in UTC)"
          onFilter={(texts) => show({ ...texts, ...chosen })}
        />
      </Folded>
    </section>
  );
}

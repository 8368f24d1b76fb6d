import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { wordsOf } from '../../api.ts';
import { useTitle } from '../../shell/frame.tsx';
import { Trouble } from '../../ui/trouble.tsx';
import { aboutOf } from './about.ts';
import { Actions } from './actions.tsx';
import { Billing } from './billing.tsx';
import { type Filter, filterOf, type Plan } from './filter.ts';
import { Filters } from './filters.tsx';
import { Groups } from './group-cards.tsx';
import { groupsOf } from './groups.ts';
import { type Letters, MOST_LETTERS } from './letters.ts';
import { List } from './list.tsx';
import { ManyDialog } from './many-dialog.tsx';
import { NoMatch, None } from './none.tsx';
import { useLetters } from './use-letters.ts';
import { many, waysOut } from './words.ts';
import './dead-letters.css';

/** What needs an operator: by reason and one by one, with previews, actions and their progress. */
export function Screen() {
  useTitle('Dead letters');
  const search = useSearch({ from: '/dead-letters' });
  const navigate = useNavigate({ from: '/dead-letters' });
  const { filter, ignored } = filterOf(search);
  const { data, error, refetch } = useLetters(filter);
  const show = (next: Record<string, string>) => void navigate({ search: next });
  const { action, ...rest } = search;
  const onFilter = (next: Record<string, string>) => show({ ...next, ...(action && { action }) });
  return (
    <div className="page dead-letters">
      <div>
        <h1>Dead letters</h1>
        {data !== undefined && <p className="soft">{headline(data, filter)}</p>}
      </div>
      <Actions chosen={action} search={rest} onLeave={() => show(rest)} />
      {ignored.length > 0 && (
        <p className="note waiting" role="status">
          Left out of the address: {ignored.join('; ')}.
        </p>
      )}
      {error !== null && <Trouble {...wordsOf(error)} onAgain={() => void refetch()} />}
      {data === undefined && error === null && <p className="loading">Looking for dead letters …</p>}
      {data !== undefined && (
        <Found letters={data} filter={filter} search={search} show={show} onFilter={onFilter} />
      )}
    </div>
  );
}

type Given = {
  letters: Letters;
  filter: Filter;
  search: Record<string, string>;
  show: (search: Record<string, string>) => void;
  onFilter: (filter: Record<string, string>) => void;
};

function Found({ letters, filter, search, show, onFilter }: Given) {
  const [plan, setPlan] = useState<Plan>();
  const { items, billing, isAll } = letters;
  const groups = useMemo(() => groupsOf(items), [items]);
  const about = useMemo(() => aboutOf(items), [items]);
  const isFiltered = Object.keys(filter).length > 0;
  const filters = <Filters filter={filter} onFilter={onFilter} />;
  if (items.length === 0 && billing.length === 0 && !isFiltered && isAll) return <None />;
  return (
    <>
      {!isAll && (
        <p className="note waiting">
          These are the newest {many(items.length, 'dead letter')}; at most {MOST_LETTERS.toLocaleString()}{' '}
          are looked at here. There are more. An action on a group, or on all that match, takes up to 10,000;
          its preview counts them.
        </p>
      )}
      {items.length > 0 && (
        <>
          <Groups groups={groups} filter={filter} onFilter={onFilter} onPlan={setPlan} />
          {filters}
          <List
            letters={letters}
            filter={filter}
            page={search.page}
            onPage={(page) => show({ ...search, page: String(page) })}
            onPlan={setPlan}
          />
        </>
      )}
      {items.length === 0 && isFiltered && (
        <>
          {filters}
          <NoMatch isAll={isAll} onAll={() => onFilter({})} />
        </>
      )}
      {billing.length > 0 && <Billing letters={billing} onPlan={setPlan} />}
      {plan && (
        <ManyDialog
          plan={plan}
          about={about}
          onStarted={(action) => {
            setPlan(undefined);
            show({ ...search, action });
            scrollTo({ top: 0 });
          }}
          onClose={() => setPlan(undefined)}
        />
      )}
    </>
  );
}

function headline({ items, billing, isAll }: Letters, filter: Filter): string {
  const isFiltered = Object.keys(filter).length > 0;
  const transfers = `${isAll ? '' : 'More than '}${many(items.length, 'transfer')}`;
  if (isFiltered) return `${transfers} match${items.length === 1 ? 'es' : ''} the filter.`;
  if (items.length + billing.length === 0) return 'Nothing needs an operator.';
  const bills = billing.length === 0 ? '' : ` and ${billing.length.toLocaleString()} of billing`;
  return `${transfers}${bills} ${items.length + billing.length === 1 ? 'needs' : 'need'} an operator. Look, choose, preview; then ${waysOut(items.map(({ kind }) => kind))}.`;
}

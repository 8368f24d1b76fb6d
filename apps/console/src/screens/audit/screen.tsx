import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useRef } from 'react';
import { wordsOf } from '../../api.ts';
import { WordChoice } from '../../narrow/more-filters.tsx';
import { useSession } from '../../session.tsx';
import { useTitle } from '../../shell/frame.tsx';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/empty.tsx';
import { TextEntry } from '../../ui/field.tsx';
import { Trouble } from '../../ui/trouble.tsx';
import { Entries } from './entries.tsx';
import { auditActions, doneWords } from './entry.ts';
import { type AuditFilter, auditPages } from './queries.ts';

const NAMES = ['action', 'actor', 'thing', 'from', 'to'] as const;

/** Who did what, and why: the whole audit, newest first. */
export function Screen() {
  useTitle('Audit');
  const { may } = useSession();
  const search = useSearch({ from: '/audit' });
  const filter: AuditFilter = Object.fromEntries(
    NAMES.flatMap((name) => (search[name] === undefined ? [] : [[name, search[name]]])),
  );
  return (
    <div className="page">
      <div>
        <h1>Audit</h1>
        <p className="soft">
          Who replayed, resolved, cancelled, paused, resumed and signed in, and why: kept for 400 days. What
          cannot be written here is not done.
        </p>
      </div>
      {may('audit') ? (
        <>
          <Narrow key={JSON.stringify(filter)} filter={filter} />
          <List filter={filter} />
        </>
      ) : (
        <Trouble
          title="The audit is for operators"
          detail="Your key may not read it: the roles operate and admin may."
        />
      )}
    </div>
  );
}

function Narrow({ filter }: { filter: AuditFilter }) {
  const navigate = useNavigate();
  const form = useRef<HTMLFormElement>(null);
  const show = (next: AuditFilter) => {
    const given = Object.entries(next).filter(([, value]) => value !== undefined && value !== '');
    void navigate({ to: '/audit', search: Object.fromEntries(given) });
  };
  const typed = (): AuditFilter =>
    Object.fromEntries(
      [...new FormData(form.current ?? undefined)].map(([name, value]) => [name, String(value).trim()]),
    );
  const text = (name: keyof AuditFilter, label: string, type = 'text') => (
    <TextEntry
      label={label}
      name={name}
      type={type}
      defaultValue={filter[name] ?? ''}
      maxLength={200}
      autoComplete="off"
    />
  );
  return (
    <form
      ref={form}
      className="card filters"
      onSubmit={(event) => {
        event.preventDefault();
        show({ ...typed(), action: filter.action ?? '' });
      }}
    >
      <WordChoice
        label="What"
        word={filter.action}
        words={auditActions}
        nameOf={(word) => doneWords(word as (typeof auditActions)[number])}
        onChoose={(word) => show({ ...typed(), action: word })}
      />
      {text('actor', 'Who (a name)')}
      {text('thing', 'Transfer, queue or action')}
      {text('from', 'From (day in UTC)', 'date')}
      {text('to', 'To (day in UTC)', 'date')}
      <Button type="submit">Filter</Button>
      {Object.keys(filter).length > 0 && <Button onPress={() => show({})}>Show all</Button>}
    </form>
  );
}

function List({ filter }: { filter: AuditFilter }) {
  const pages = useInfiniteQuery(auditPages(filter));
  if (pages.data === undefined) {
    if (pages.error === null) return <p className="loading">Reading the audit …</p>;
    return <Trouble {...wordsOf(pages.error)} onAgain={() => void pages.refetch()} />;
  }
  const items = pages.data.pages.flatMap((page) => page.items);
  const isAll = !pages.hasNextPage;
  return (
    <>
      {items.length > 0 && (
        <div className="card flush">
          <Entries items={items} />
        </div>
      )}
      {items.length === 0 && isAll && (
        <Empty title="No such entry">
          <p>
            {Object.keys(filter).length > 0
              ? 'Nobody did that, or it is written differently: names and ids are compared letter by letter.'
              : 'Nobody has acted yet. Every replay, resolution, cancellation, pause and sign-in will stand here.'}
          </p>
        </Empty>
      )}
      {pages.error !== null && (
        <Trouble {...wordsOf(pages.error)} onAgain={() => void pages.fetchNextPage()} />
      )}
      <div className="row">
        {!isAll && (
          <Button onPress={() => void pages.fetchNextPage()} isDisabled={pages.isFetchingNextPage}>
            {pages.isFetchingNextPage ? 'Loading …' : 'Load older ones'}
          </Button>
        )}
        <span className="soft" role="status">
          {items.length} shown{isAll ? '' : '; only a part was looked at so far'}
        </span>
      </div>
    </>
  );
}

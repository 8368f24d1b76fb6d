import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type FocusEvent, useState } from 'react';
import { wordsOf } from '../../api.ts';
import { useConnection } from '../../live/changes.tsx';
import { filterOf } from '../../narrow/filter.ts';
import { useTitle } from '../../shell/frame.tsx';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Trouble } from '../../ui/trouble.tsx';
import { Filters } from './filters.tsx';
import { Found } from './find.tsx';
import { FirstTransfer } from './first-transfer.tsx';
import { Rows } from './rows.tsx';
import { useList } from './use-list.ts';
import './transfers.css';

declare module '@tanstack/react-router' {
  interface HistoryState {
    /** The search of the list that led here. */
    list?: Record<string, string>;
  }
}

/** All transfers, newest first, as they change. */
export function Screen() {
  useTitle('Transfers');
  const search = useSearch({ from: '/transfers' });
  const { filter, ignored } = filterOf(search);
  return (
    <div className="page">
      <h1>Transfers</h1>
      <Filters filter={filter} search={search} />
      {ignored.length > 0 && (
        <p className="note waiting" role="status">
          Left out of the address: {ignored.join('; ')}.
        </p>
      )}
      {search.find === undefined ? <List search={search} /> : <Found text={search.find} />}
    </div>
  );
}

function List({ search }: { search: Record<string, string> }) {
  const navigate = useNavigate();
  const { filter } = filterOf(search);
  const [isPointed, setPointed] = useState(false);
  const [isFocused, setFocused] = useState(false);
  const list = useList(filter, isPointed || isFocused);
  const { data, error, hasNextPage, isPlaceholderData } = list;
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  const incomplete = data?.pages.find((page) => page.incomplete !== undefined)?.incomplete;
  const isFiltered = Object.keys(filter).length > 0;
  const whatever = without(search, 'status', 'reason');

  if (error !== null) return <Trouble {...wordsOf(error)} onAgain={() => void list.refetch()} />;
  if (data === undefined) return <p className="loading">Loading the transfers …</p>;
  return (
    <>
      {incomplete !== undefined && (
        <p className="note waiting">
          <strong>Not all transfers are here.</strong> {incomplete}
        </p>
      )}
      {items.length > 0 && (
        <>
          <Live list={list} />
          <section
            aria-label="The list"
            className={`card flush ${isPlaceholderData ? 'old' : ''}`}
            aria-busy={isPlaceholderData}
            onPointerEnter={() => setPointed(true)}
            onPointerLeave={() => setPointed(false)}
            onFocus={() => setFocused(true)}
            onBlur={(event: FocusEvent<HTMLElement>) =>
              setFocused(event.currentTarget.contains(event.relatedTarget))
            }
          >
            <Rows items={items} search={search} />
          </section>
        </>
      )}
      {items.length === 0 && !isFiltered && !hasNextPage && <FirstTransfer />}
      {items.length === 0 && (isFiltered || hasNextPage) && (
        <Empty title={hasNextPage ? 'None among the newest transfers' : 'No transfer matches'}>
          <p>
            {hasNextPage
              ? 'Only the newest were looked at so far. Older ones may match.'
              : 'No transfer that is kept has all of this. One that comes shows here at once.'}
          </p>
          {(filter.status === 'failed' || filter.status === 'expired') && (
            <p>
              What was replayed since stands under the status that it has now
              {Object.keys(whatever).length > 0 && (
                <>
                  :{' '}
                  <Link to="/transfers" search={whatever}>
                    show these, whatever came of them
                  </Link>
                </>
              )}
              . Each tells that it was replayed, and how it ended before.
            </p>
          )}
          <div className="row">
            <Button onPress={() => void navigate({ to: '/transfers' })}>Show all transfers</Button>
          </div>
        </Empty>
      )}
      {hasNextPage && (
        <div className="row">
          <Button onPress={() => void list.fetchNextPage()} isDisabled={list.isFetchingNextPage}>
            {list.isFetchingNextPage
              ? 'Loading …'
              : items.length === 0
                ? 'Look further back'
                : 'Load older ones'}
          </Button>
          <span className="soft">{items.length} shown</span>
        </div>
      )}
    </>
  );
}

function without(search: Record<string, string>, ...names: string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(search).filter(([name]) => !names.includes(name)));
}

/** Whether the list moves by itself, and what waits if it does not. */
function Live({ list }: { list: ReturnType<typeof useList> }) {
  const { isPaused, waitingCount, isFull, showChanges } = list;
  const connection = useConnection();
  const words = isPaused ? 'Paused while you read: the list stays as it is.' : 'Live: changes show at once.';
  return (
    <div className="row live">
      <span className="soft small">
        {connection.state === 'live' ? words : 'Not live at the moment: this may be old.'}
      </span>
      {waitingCount > 0 && (
        <Button onPress={showChanges}>
          {isFull ? 'Many changes' : `${waitingCount} ${waitingCount === 1 ? 'change' : 'changes'}`}: show
        </Button>
      )}
    </div>
  );
}

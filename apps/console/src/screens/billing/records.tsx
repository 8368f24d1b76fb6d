import type { BillingRecord } from '@handover/client';
import { useQuery } from '@tanstack/react-query';
import { Link, useRouter } from '@tanstack/react-router';
import { handover, wordsOf } from '../../api.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Time } from '../../ui/time.tsx';
import { Trouble } from '../../ui/trouble.tsx';
import { daysOf, monthInWords } from './month.ts';

const ON_A_PAGE = 50;

type Shown = {
  month: string;
  /** The page, as the API names it; `undefined` is the first. */
  cursor: string | undefined;
  /** How many bills of the month were made; `undefined` if that is not known yet. */
  billed: number | undefined;
};

/** The bills of the month, page by page. */
export function Records({ month, cursor, billed }: Shown) {
  const { data, error, isPlaceholderData, refetch } = useQuery({
    queryKey: ['billing', 'records', month, cursor],
    queryFn: ({ signal }) =>
      handover.billing.records(
        { ...daysOf(month), limit: ON_A_PAGE, ...(cursor !== undefined && { cursor }) },
        { signal },
      ),
  });
  return (
    <section className="stack" aria-labelledby="billing-records">
      <div>
        <h2 id="billing-records">Bills of {monthInWords(month)}, one by one</h2>
        <p className="soft small">
          Oldest first, by the time of their event. Shown while Handover keeps them in Redis, 7 days unless
          configured otherwise; the destinations of the bills are the archive.
        </p>
      </div>
      {error !== null && <Trouble {...wordsOf(error)} onAgain={() => void refetch()} />}
      {data === undefined && error === null && <p className="loading">Fetching …</p>}
      {data?.items.length === 0 && <NoneKept billed={billed} isLater={cursor !== undefined} />}
      {data !== undefined && data.items.length > 0 && (
        <div className="card flush" aria-busy={isPlaceholderData}>
          <Table bills={data.items} />
        </div>
      )}
      <Pages month={month} cursor={cursor} next={data?.next ?? null} />
    </section>
  );
}

function Table({ bills }: { bills: BillingRecord[] }) {
  return (
    <table className="billing-table stacks">
      <thead>
        <tr>
          <th scope="col">Event</th>
          <th scope="col">Code</th>
          <th scope="col">Target</th>
          <th scope="col">Call</th>
          <th scope="col">Transfer</th>
          <th scope="col">Billed</th>
        </tr>
      </thead>
      <tbody>
        {bills.map((bill) => (
          <tr key={bill.id}>
            <td data-name="Event">
              <Time at={bill.timestamp} form="day" />
            </td>
            <td data-name="Code">
              {bill.billingCode} {bill.synthesized === true && <Badge>synthesized</Badge>}
            </td>
            <td className="billing-id" data-name="Target">
              <bdi>{bill.target.id}</bdi>{' '}
              {bill.target.type !== undefined && <span className="soft">({bill.target.type})</span>}
            </td>
            <td className="billing-id" data-name="Call">
              <bdi>{bill.callId}</bdi>
            </td>
            <td className="billing-id" data-name="Transfer">
              {bill.transferId === undefined ? (
                <span className="soft">someone else’s</span>
              ) : (
                <Link to="/transfers/$id" params={{ id: bill.transferId }}>
                  {bill.transferId}
                </Link>
              )}
            </td>
            <td data-name="Billed">
              {bill.billedAt === undefined ? '–' : <Time at={bill.billedAt} form="day" />}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function NoneKept({ billed, isLater }: { billed: number | undefined; isLater: boolean }) {
  if (isLater) return <p className="note">This page has no bills any more.</p>;
  if (billed === undefined || billed === 0)
    return <p className="note">No bill has an event in this month.</p>;
  return (
    <p className="note waiting">
      {billed === 1 ? 'A bill was' : `${billed} bills were`} made in this month, and Redis has forgotten them.
      Your billing system has them; with a history, so has the file of the month.
    </p>
  );
}

function Pages({ month, cursor, next }: { month: string; cursor: string | undefined; next: string | null }) {
  const { history } = useRouter();
  if (cursor === undefined && next === null) return null;
  return (
    <nav className="row" aria-label="Pages of bills">
      {cursor !== undefined && (
        <>
          <Link className="button" to="/billing" search={{ month }} resetScroll={false}>
            First page
          </Link>
          <Button onPress={() => history.back()}>Back</Button>
        </>
      )}
      {next !== null && (
        <Link className="button" to="/billing" search={{ month, cursor: next }} resetScroll={false}>
          Next {ON_A_PAGE}
        </Link>
      )}
    </nav>
  );
}

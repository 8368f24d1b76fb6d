import type { BillingRecord, Transfer } from '@handover/client';
import { useQuery } from '@tanstack/react-query';
import { handover, wordsOf } from '../../api.ts';
import { Time } from '../../ui/time.tsx';
import { Trouble } from '../../ui/trouble.tsx';
import { type BillRange, billRangeOf } from './bill-range.ts';

/** Bills are found by time only; so many pages are looked through. */
const MOST_PAGES = 5;
const PER_PAGE = 1_000;
const POLL_MS = 5_000;
const POLL_FOR_MS = 15 * 60_000;

/** The bill of a transfer that moved its call, or why there is none. */
export function Bill({ transfer }: { transfer: Transfer }) {
  const range = billRangeOf(transfer);
  const { data, error, refetch } = useQuery({
    queryKey: ['transfer', transfer.id, 'bill', range?.from, range?.to],
    enabled: range !== undefined,
    queryFn: ({ signal }) =>
      range === undefined ? { bill: null, isSure: true } : find(transfer.id, range, signal),
    refetchInterval: ({ state }) =>
      state.data?.bill === null && Date.parse(range?.to ?? '') > Date.now() - POLL_FOR_MS ? POLL_MS : false,
    placeholderData: () => undefined,
  });
  return (
    <>
      <dt>Bill</dt>
      <dd>
        {range === undefined &&
          (transfer.outcome === null ? 'None yet: it has no outcome.' : 'None: the call was not moved.')}
        {error !== null && <Trouble {...wordsOf(error)} onAgain={() => void refetch()} />}
        {range !== undefined && data === undefined && error === null && 'Looking for it …'}
        {data?.bill && <Known bill={data.bill} />}
        {data?.bill === null &&
          (data.isSure
            ? 'None yet. It is made when Genesys’ event about the move arrives, or later from our own record.'
            : 'Not found among the first 5,000 bills of that time; see Billing.')}
      </dd>
    </>
  );
}

function Known({ bill: { billingCode, timestamp, billedAt, synthesized } }: { bill: BillingRecord }) {
  return (
    <>
      <code>{billingCode}</code>, of <Time at={timestamp} />
      {billedAt === undefined ? ', not delivered yet' : ', delivered '}
      {billedAt !== undefined && <Time at={billedAt} />}
      {synthesized && ', made from our own record, since no event showed the move'}
    </>
  );
}

async function find(id: string, range: BillRange, signal: AbortSignal) {
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = { ...range, limit: PER_PAGE, ...(cursor !== undefined && { cursor }) };
    const { items, next } = await handover.billing.records(query, { signal });
    const bill = items.find(({ transferId }) => transferId === id);
    if (bill !== undefined) return { bill, isSure: true };
    if (next === null) return { bill: null, isSure: true };
    cursor = next;
  }
  return { bill: null, isSure: false };
}

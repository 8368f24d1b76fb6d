import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { handover, wordsOf } from '../../api.ts';
import { useTitle } from '../../shell/frame.tsx';
import { useNow } from '../../ui/now.ts';
import { Trouble } from '../../ui/trouble.tsx';
import { Days } from './days-view.tsx';
import { Discrepancies } from './discrepancies.tsx';
import { Download } from './download.tsx';
import { FirstBill } from './first-bill.tsx';
import { Meaning } from './meaning.tsx';
import { daysOf, isMonth, monthInWords, monthOf, stageOf } from './month.ts';
import { MonthPicker } from './month-picker.tsx';
import { Records } from './records.tsx';
import { Entry, Totals } from './totals.tsx';
import './billing.css';

const AGAIN_EVERY_MS = 60_000;

/** What was billed in a month, whether it agrees with the events, and the month as one file. */
export function Screen() {
  useTitle('Billing');
  const now = useNow(AGAIN_EVERY_MS);
  const { month: asked, cursor } = useSearch({ from: '/billing' });
  const month = isMonth(asked) ? asked : monthOf(now);
  const range = daysOf(month);
  const { data, error, isPlaceholderData, refetch } = useQuery({
    queryKey: ['billing', 'report', month],
    queryFn: async ({ signal }) => ({ month, report: await handover.reports.billing(range, { signal }) }),
    refetchInterval: AGAIN_EVERY_MS,
  });
  const today = new Date(now).toISOString().slice(0, 10);
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>Billing</h1>
          <p className="soft">
            One bill for every transfer that an event reports, no matter who moved the call; and a named
            discrepancy for each transfer of ours without an event. Days and months are those of UTC.
          </p>
        </div>
        <MonthPicker month={month} now={now} />
      </div>
      <Meaning />
      {asked !== undefined && !isMonth(asked) && (
        <p className="note waiting" role="status">
          <bdi>“{asked}”</bdi> is no month such as {monthOf(now)}: this is {monthInWords(month)}.
        </p>
      )}
      {error !== null && <Trouble {...wordsOf(error)} onAgain={() => void refetch()} />}
      {data === undefined && error === null && <p className="loading">Adding up …</p>}
      {data !== undefined && (
        <div className="stack" aria-busy={isPlaceholderData}>
          <div className="page-head">
            <Totals month={data.month} stage={stageOf(data.month, now)} report={data.report} />
            <Download key={month} month={month} />
          </div>
          <Entry report={data.report} />
          {data.report.days.length === 0 ? (
            <FirstBill month={data.month} stage={stageOf(data.month, now)} report={data.report} />
          ) : (
            <Days month={data.month} report={data.report} today={today} />
          )}
          <Discrepancies report={data.report} />
        </div>
      )}
      <Records key={month} month={month} cursor={cursor} billed={billedIn(data, month)} />
    </div>
  );
}

type Told = { month: string; report: { totals: Record<string, number> } };

function billedIn(told: Told | undefined, month: string): number | undefined {
  if (told?.month !== month) return undefined;
  return Object.values(told.report.totals).reduce((sum, count) => sum + count, 0);
}

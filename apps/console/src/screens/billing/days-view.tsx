import type { BillingReport } from '@handover/client';
import { useMemo } from 'react';
import { Chart } from '../../ui/chart.tsx';
import { billsByDay, daysIn } from './days.ts';
import { daysOf, monthInWords } from './month.ts';

const counts = new Intl.NumberFormat();
const named = new Intl.DateTimeFormat(undefined, {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  timeZone: 'UTC',
});

/** The bills of each day, as a chart and as a table. `today`: no later day is shown. */
export function Days({ month, report, today }: { month: string; report: BillingReport; today: string }) {
  const { from, to } = daysOf(month);
  const last = today >= from && today < to ? today : to;
  const days = useMemo(() => daysIn(report, { from, to: last }), [report, from, last]);
  const drawn = useMemo(() => billsByDay(days), [days]);
  const billed = days.filter(({ blind, consult }) => blind + consult > 0).reverse();
  return (
    <section className="card stack" aria-labelledby="billing-days">
      <h2 id="billing-days">By day</h2>
      <Chart
        label={`Bills of ${monthInWords(month)} by day and code. The table below has the same figures.`}
        {...drawn}
        isByDay
        height={200}
      />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard */}
      <section className="billing-scroll" tabIndex={0} aria-label="Bills of each day">
        <table className="billing-table">
          <thead>
            <tr>
              <th scope="col">Day (UTC)</th>
              <th scope="col" className="number">
                Blind
              </th>
              <th scope="col" className="number">
                Consult
              </th>
              <th scope="col" className="number">
                Bills
              </th>
            </tr>
          </thead>
          <tbody>
            {billed.map(({ day, blind, consult }) => (
              <tr key={day}>
                <th scope="row">
                  <time dateTime={day}>{named.format(new Date(day))}</time>
                </th>
                <td className="number">{counts.format(blind)}</td>
                <td className="number">{counts.format(consult)}</td>
                <td className="number">{counts.format(blind + consult)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p className="soft small">
        The day is that of the event, newest first. Days without bills are left out of the table.
      </p>
    </section>
  );
}

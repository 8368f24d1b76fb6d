import type { BillingReport } from '@handover/client';
import { Figure, FiguresList } from '../../ui/figures.tsx';
import { monthInWords, type Stage } from './month.ts';

const counts = new Intl.NumberFormat();

/** How many bills the month has, by code. */
export function Totals({
  month,
  stage,
  report: { totals },
}: {
  month: string;
  stage: Stage;
  report: BillingReport;
}) {
  const { TRANSFER_BLIND: blind, TRANSFER_CONSULT: consult } = totals;
  return (
    <section className="billing-totals" aria-labelledby="billing-totals">
      <h2 id="billing-totals">
        {monthInWords(month)}
        {stage === 'so far' && ', so far'}
      </h2>
      {stage === 'so far' && <p className="soft small">The month is not over: more bills may come.</p>}
      <FiguresList>
        <Figure name="Bills" value={counts.format(blind + consult)}>
          of both codes
        </Figure>
        <Figure name="TRANSFER_BLIND" value={counts.format(blind)}>
          blind transfers
        </Figure>
        <Figure name="TRANSFER_CONSULT" value={counts.format(consult)}>
          consult transfers
        </Figure>
      </FiguresList>
    </section>
  );
}

/** Whether transfers and events agree: of all months, and as it is now. */
export function Entry({ report }: { report: BillingReport }) {
  const { matched, unmatched, waiting, synthesized } = report;
  return (
    <section aria-labelledby="billing-entry" className="stack billing-entry">
      <div>
        <h2 id="billing-entry">Do transfers and events agree?</h2>
        <p className="soft small">
          Of all months together, as it is now: choosing a month changes nothing here.
        </p>
      </div>
      <FiguresList>
        <Figure name="Matched" value={counts.format(matched)} tone={matched > 0 ? 'good' : undefined}>
          transfers of ours with a matching event
        </Figure>
        <Figure name="Unmatched" value={counts.format(unmatched)} tone={unmatched > 0 ? 'bad' : undefined}>
          open discrepancies
        </Figure>
        <Figure name="Waiting" value={counts.format(waiting)}>
          transfers and events still waiting for their counterpart
        </Figure>
        <Figure name="Synthesized" value={counts.format(synthesized)}>
          bills made from our own record, without an event
        </Figure>
      </FiguresList>
    </section>
  );
}

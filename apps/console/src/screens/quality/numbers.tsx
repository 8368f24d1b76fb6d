import { Link } from '@tanstack/react-router';
import { Figure, FiguresList } from '../../ui/figures.tsx';
import { inWords } from '../../ui/time.tsx';
import { countOf, percentOf } from './figures.ts';
import { transfersOf } from './transfers.ts';
import type { Told } from './use-report.ts';

/** The figures of the whole range, each with what it counts. */
export function Numbers({ report, view }: Told) {
  const { successful, failed, expired, rejected, cancelled, replayed, averageMs } = report;
  const { totalTransfersAttempted: attempted, fallbackUsed, etagConflicts } = report;
  return (
    <section aria-labelledby="quality-figures">
      <h2 id="quality-figures" className="visually-hidden">
        Figures
      </h2>
      <FiguresList>
        <Figure name="Success rate" value={percentOf(report.successRate, attempted)}>
          {countOf(successful)} successful
          {averageMs !== undefined && <>, after {inWords(averageMs)} on average</>}
        </Figure>
        <Figure name="Attempted" value={countOf(attempted)}>
          successful and failed
        </Figure>
        <Figure name="Failed" value={countOf(failed)} tone={failed > 0 ? 'bad' : undefined}>
          {failed - expired > 0 && (
            <Link to="/transfers" search={transfersOf(view, report, { status: 'failed' })}>
              {countOf(failed - expired)} failed
            </Link>
          )}
          {failed - expired > 0 && expired > 0 && ', '}
          {expired > 0 && `${countOf(expired)} expired`}
          {failed === 0 && 'outcomes failed and expired'}
          {replayed > 0 && `; ${countOf(replayed)} replayed`}
        </Figure>
        <Figure name="Expired" value={countOf(expired)} tone={expired > 0 ? 'bad' : undefined}>
          {expired > 0 ? (
            <Link to="/transfers" search={transfersOf(view, report, { status: 'expired' })}>
              part of the failed
            </Link>
          ) : (
            'part of the failed'
          )}
        </Figure>
        <Figure name="Rejected" value={countOf(rejected)}>
          the request or the call was at fault
          {cancelled > 0 && `; ${countOf(cancelled)} more cancelled`}
        </Figure>
        <Figure name="Fallback rate" value={percentOf(report.fallbackRate, successful)}>
          {countOf(fallbackUsed)} of the successful went to the fallback
          {etagConflicts > 0 &&
            `; ${countOf(etagConflicts)} ${etagConflicts === 1 ? 'conflict' : 'conflicts'} on the way`}
        </Figure>
      </FiguresList>
    </section>
  );
}

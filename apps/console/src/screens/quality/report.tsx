import { Link } from '@tanstack/react-router';
import { type ReactNode, useMemo } from 'react';
import { Chart } from '../../ui/chart.tsx';
import { Empty } from '../../ui/empty.tsx';
import { useNow } from '../../ui/now.ts';
import { countOf, hasOutcomes, overTime, percentOf, type Row, worstOf } from './figures.ts';
import { Numbers } from './numbers.tsx';
import { Reasons } from './reasons.tsx';
import { RowName } from './row-name.tsx';
import { Rows } from './rows.tsx';
import type { Told } from './use-report.ts';
import {
  dimensionsOf,
  fixedRange,
  groupings,
  leftOutWords,
  rangeInWords,
  searchOf,
  type View,
} from './view.ts';

const NONE: Row[] = [];
const AGAIN_EVERY_MS = 60_000;

/** The report: the answer in a sentence, its figures, over time, its rows, and why transfers failed and were rejected. */
export function Report({ report, view, download }: Told & { download: ReactNode }) {
  const { by } = view;
  const rows = report.rows ?? NONE;
  return (
    <>
      <div className="page-head">
        <Sentence report={report} view={view} />
        {download}
      </div>
      {report.incomplete !== undefined && (
        <div className="note waiting">
          <strong>A part of this range is missing</strong>
          <p>{report.incomplete}</p>
        </div>
      )}
      {hasOutcomes(report) ? (
        <>
          <Numbers report={report} view={view} />
          {(by === 'hour' || by === 'day') && <OverTime rows={rows} by={by} />}
          <Rows rows={rows} view={view} />
          <Reasons report={report} view={view} status="failed" />
          <Reasons report={report} view={view} status="rejected" />
        </>
      ) : (
        <Nothing view={view} isKnown={report.incomplete === undefined} />
      )}
    </>
  );
}

function OverTime({ rows, by }: { rows: Row[]; by: 'hour' | 'day' }) {
  const drawn = useMemo(() => overTime(rows, by), [rows, by]);
  return (
    <section className="card">
      <h2>Over time</h2>
      <Chart
        label={`Transfers by ${by}: successful, failed and expired, and the success rate. The table below has the same figures.`}
        {...drawn}
        isByDay={by === 'day'}
        height={260}
      />
    </section>
  );
}

function Sentence({ report, view }: Told) {
  const { successful, totalTransfersAttempted: attempted, successRate } = report;
  const worst = worstOf(report.rows ?? []);
  return (
    <p className="quality-sentence">
      {attempted === 0 ? (
        <>No transfer is counted as attempted {rangeInWords(view.range)}</>
      ) : (
        <>
          {capital(rangeInWords(view.range))}, <strong>{countOf(successful)}</strong> of{' '}
          <strong>{countOf(attempted)}</strong> transfers that were attempted succeeded:{' '}
          <strong>{percentOf(successRate, attempted)}</strong>
        </>
      )}
      {dimensionsOf({ by: 'hour', filters: view.filters }).map((name) => (
        <span key={name}>
          {' '}
          ({name === 'key' ? groupings.key : name} <bdi>{view.filters[name]}</bdi>)
        </span>
      ))}
      .{' '}
      {worst !== undefined && (
        <span className="soft">
          Most failures: <RowName row={worst} by={view.by} />, {countOf(worst.failed)} of{' '}
          {countOf(worst.totalTransfersAttempted)}.{' '}
        </span>
      )}
      <Fixed report={report} view={view} />
    </p>
  );
}

/** A range such as the last 7 days moves on: a link that does not, for a colleague or a note. */
function Fixed({ report: { from, to }, view }: Told) {
  const now = useNow(AGAIN_EVERY_MS);
  if (!('preset' in view.range) || from === undefined || to === undefined) return null;
  const range = fixedRange({ from, to }, view.by, now);
  if (range === undefined) return null;
  return (
    <Link className="small" to="/quality" search={searchOf({ ...view, range })}>
      Link that stays: {rangeInWords(range)}
      {leftOutWords({ to }, view.by, now)}
    </Link>
  );
}

function Nothing({ view, isKnown }: { view: View; isKnown: boolean }) {
  const isNarrowed = dimensionsOf({ by: 'hour', filters: view.filters }).length > 0;
  return (
    <Empty title={isKnown ? 'Nothing ended in this range' : 'Nothing is counted in this range'}>
      <p>
        A transfer counts in the hour and day (UTC) in which it was settled: transferred, failed, expired,
        rejected or cancelled. Training runs and shadow mode do not count.
      </p>
      <p>
        {isNarrowed
          ? 'Names are compared letter by letter. Choose “By queue”, “By agent” or “By API key” without a filter to see which there are.'
          : 'Choose a longer range; or submit a transfer, as the screen Transfers shows.'}
      </p>
    </Empty>
  );
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

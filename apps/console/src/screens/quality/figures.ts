import type { QualityReport } from '@handover/client';
import type { Series } from '../../ui/chart.tsx';
import type { Grouping } from './view.ts';

export type Row = NonNullable<QualityReport['rows']>[number];
/** What stands in the report as a whole and in each row. */
export type Figures = Omit<Row, 'minute' | Grouping>;

const counts = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });

export function countOf(count: number): string {
  return counts.format(count);
}

/** In percent, as exact as the report; nothing to divide by is no 0 %. */
export function percentOf(percent: number, whole: number): string {
  return whole === 0 ? '–' : `${counts.format(percent)}\u00a0%`;
}

/** Whether anything ended. */
export function hasOutcomes({ totalTransfersAttempted, rejected, cancelled }: Figures): boolean {
  return totalTransfersAttempted + rejected + cancelled > 0;
}

/** What the row is about: the beginning of its hour, its day, or a name. */
export function nameOf(row: Row, by: Grouping): string {
  return row[by] ?? '';
}

/** Bars for what was attempted, and the success rate as a line; `at` is when each row begins. */
export function overTime(rows: Row[], by: 'hour' | 'day'): { at: number[]; series: Series[] } {
  const column = (value: (row: Row) => number | null) => rows.map(value);
  return {
    at: rows.map((row) => Date.parse(nameOf(row, by))),
    series: [
      { name: 'Successful', kind: 'bars', colour: 1, values: column(({ successful }) => successful) },
      { name: 'Failed', kind: 'bars', colour: 3, values: column(({ failed, expired }) => failed - expired) },
      { name: 'Expired', kind: 'bars', colour: 2, values: column(({ expired }) => expired) },
      {
        name: 'Success rate',
        kind: 'line',
        colour: 4,
        scale: 'percent',
        values: column((row) => (row.totalTransfersAttempted === 0 ? null : row.successRate)),
      },
    ],
  };
}

/** The row with most failures, of equal ones that with fewest successes; `undefined` if nothing failed, or if there is nothing to compare. */
export function worstOf(rows: Row[]): Row | undefined {
  const [worst] = rows
    .filter(({ failed }) => failed > 0)
    .sort((a, b) => b.failed - a.failed || a.successful - b.successful);
  return rows.length < 2 ? undefined : worst;
}

/** Rows as a table shows them: times newest first, names by what was attempted; without outcomes only if asked. */
export function inOrder(rows: Row[], by: Grouping, withEmpty: boolean): Row[] {
  const shown = withEmpty ? [...rows] : rows.filter(hasOutcomes);
  if (by === 'hour' || by === 'day') return shown.reverse();
  return shown.sort((a, b) => b.totalTransfersAttempted - a.totalTransfersAttempted);
}

/** Reasons that occurred, most frequent first. */
export function reasonsOf(counts: Readonly<Record<string, number>>): { reason: string; count: number }[] {
  return Object.entries(counts)
    .map(([reason, count]) => ({ reason, count }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
}

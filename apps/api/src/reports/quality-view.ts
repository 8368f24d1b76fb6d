import {
  type Counts,
  type QualityAnswer,
  type QualityQuery,
  type QualityRow,
  qualityOf,
} from '@handover/core/reports';
import type { z } from 'zod';
import { csv, remark } from './csv.ts';
import type { QualityReport } from './quality.ts';

type Answer = Exclude<QualityAnswer, { refused: unknown }>;
type By = QualityQuery['by'];

/** The report as JSON. */
export function qualityView(
  { counts, range, rows, incomplete }: Answer,
  by: By,
): z.input<typeof QualityReport> {
  return {
    ...qualityOf(counts),
    ...(range && { from: iso(range.from), to: iso(range.to) }),
    ...(rows && { rows: rows.map((row) => rowView(row, by)) }),
    ...(incomplete !== undefined && { incomplete }),
  };
}

function rowView(row: QualityRow, by: By) {
  const { rejections, failures, ...figures } = qualityOf(row.counts);
  return { ...named(row, by), ...figures, rejections: occurred(rejections), failures: occurred(failures) };
}

function occurred(counts: Counts): Counts {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

/** What the row is about, under the name of its kind. */
function named(row: QualityRow, by: By): Record<string, string> {
  const name = 'id' in row ? row.id : iso(row.at).slice(0, by === 'day' ? 10 : undefined);
  return by === undefined ? {} : { [by]: name };
}

/** The report as CSV: its rows, or one row without `by`. The reasons of rejections and failures are columns. */
export function qualityCsv({ counts, rows, incomplete }: Answer, by: By): string {
  const columns = [...(by === undefined ? [] : [by]), ...cellsOf({}).map(([name]) => name)];
  const lines =
    rows === undefined
      ? [valuesOf(counts)]
      : rows.map((row) => [...Object.values(named(row, by)), ...valuesOf(row.counts)]);
  return csv(columns, lines) + (incomplete === undefined ? '' : remark(`incomplete: ${incomplete}`));
}

function valuesOf(counts: Counts): (number | '')[] {
  return cellsOf(counts).map(([, value]) => value);
}

function cellsOf(counts: Counts): [string, number | ''][] {
  const { rejections, failures, averageMs, ...figures } = qualityOf(counts);
  const reasons = Object.entries({ rejected: rejections, failed: failures }).flatMap(([outcome, byReason]) =>
    Object.entries(byReason).map(([reason, count]): [string, number] => [`${outcome}:${reason}`, count]),
  );
  return [...Object.entries(figures), ['averageMs', averageMs ?? ''], ...reasons];
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

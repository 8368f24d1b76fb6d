import type { Comparison } from './rounds.ts';

/** A row of the table: two figures of one run, and ours divided by the other. `rounds` is only in the result file. */
export type Row = Comparison & {
  what: string;
  /** The unit: `/s` is appended directly, a word after a space. */
  unit: string;
  besideWhat: string;
};

const COLUMNS: readonly [head: string, cell: (row: Row) => string][] = [
  ['what', ({ what }) => what],
  ['Handover', ({ ours, unit }) => amount(ours, unit)],
  ['baseline', ({ beside, unit }) => amount(beside, unit)],
  ['compared with', ({ besideWhat }) => besideWhat],
  ['ratio', ({ ratio }) => ratio.toFixed(2)],
  ['min, max', ({ rounds }) => range(rounds.map(({ ours, beside }) => ours / beside))],
];

/** The rows as an aligned Markdown table. */
export function table(rows: readonly Row[]): string {
  const lines = [COLUMNS.map(([head]) => head), ...rows.map((row) => COLUMNS.map(([, cell]) => cell(row)))];
  const widths = COLUMNS.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  const [heads = '', ...body] = lines.map(
    (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`,
  );
  return [heads, `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...body].join('\n');
}

/** The minimum and maximum ratio of the rounds; empty for a single round. */
function range(ratios: number[]): string {
  if (ratios.length < 2) return '';
  return [Math.min(...ratios), Math.max(...ratios)].map((ratio) => ratio.toFixed(2)).join(', ');
}

/** A readable figure: three significant digits, or integers with thousands separators. */
function amount(value: number, unit: string): string {
  const digits = value < 100 ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 0 };
  return `${value.toLocaleString('en', digits)}${unit.startsWith('/') ? unit : ` ${unit}`}`;
}

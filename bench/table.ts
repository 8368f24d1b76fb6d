import type { Comparison } from './rounds.ts';

/** A row of the table: two figures of one run, and ours divided by the other. `rounds` goes to the file of results only. */
export type Row = Comparison & {
  what: string;
  /** What the figures count: `/s` is written to the number, a word after it. */
  unit: string;
  besideWhat: string;
};

const COLUMNS: readonly [head: string, cell: (row: Row) => string][] = [
  ['what', ({ what }) => what],
  ['Handover', ({ ours, unit }) => amount(ours, unit)],
  ['beside', ({ beside, unit }) => amount(beside, unit)],
  ['beside what', ({ besideWhat }) => besideWhat],
  ['ratio', ({ ratio }) => ratio.toFixed(2)],
  ['from, to', ({ rounds }) => range(rounds.map(({ ours, beside }) => ours / beside))],
];

/** The rows as a Markdown table that reads well as text, too. */
export function table(rows: readonly Row[]): string {
  const lines = [COLUMNS.map(([head]) => head), ...rows.map((row) => COLUMNS.map(([, cell]) => cell(row)))];
  const widths = COLUMNS.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  const [heads = '', ...body] = lines.map(
    (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`,
  );
  return [heads, `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...body].join('\n');
}

/** The least and the greatest ratio of the rounds; nothing where there was one round only. */
function range(ratios: number[]): string {
  if (ratios.length < 2) return '';
  return [Math.min(...ratios), Math.max(...ratios)].map((ratio) => ratio.toFixed(2)).join(', ');
}

/** A figure for people: three digits that count, or whole numbers with thousands apart. */
function amount(value: number, unit: string): string {
  const digits = value < 100 ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 0 };
  return `${value.toLocaleString('en', digits)}${unit.startsWith('/') ? unit : ` ${unit}`}`;
}

/** A row of the table. `raw` goes to the file of results only. */
export type Row = {
  what: string;
  ours: string;
  beside: string;
  besideWhat: string;
  ratio: string;
  raw: unknown;
};

const COLUMNS = ['what', 'ours', 'beside', 'besideWhat', 'ratio'] as const;
const HEADS: Record<(typeof COLUMNS)[number], string> = {
  what: 'what',
  ours: 'Handover',
  beside: 'beside',
  besideWhat: 'beside what',
  ratio: 'ratio',
};

/** The rows as a Markdown table that reads well as text, too. */
export function table(rows: readonly Row[]): string {
  const widths = COLUMNS.map((column) =>
    Math.max(HEADS[column].length, ...rows.map((row) => row[column].length)),
  );
  const line = (cells: string[]) =>
    `| ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' | ')} |`;
  return [
    line(COLUMNS.map((column) => HEADS[column])),
    `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`,
    ...rows.map((row) => line(COLUMNS.map((column) => row[column]))),
  ].join('\n');
}

/** A rate for people: whole numbers with thousands apart. */
export function rate(value: number): string {
  return `${Math.round(value).toLocaleString('en')}/s`;
}

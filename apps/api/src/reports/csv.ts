/**
 * Where an apostrophe is inserted: before text that a spreadsheet may run as a formula (also after blanks, quotes, invisible
 * characters, or separators at which another reader may split), and before an apostrophe, so that removing it is unambiguous.
 */
const MARKED = /(?<=^|[;\t\r\n])(?='|[\s"\p{Cc}\p{Cf}]*[=+\-@＝＋－＠]|(?<=^)[\t\r\n])/gu;

export type Cell = string | number | undefined;

/**
 * A table in CSV (RFC 4180) with a header row; an absent cell is empty. An apostrophe is put before a cell that a spreadsheet
 * would run as a formula; docs/billing.md explains how a program removes it.
 */
export function csv(columns: string[], rows: Cell[][]): string {
  return csvRows([columns, ...rows]);
}

/** Rows without a header. */
export function csvRows(rows: Cell[][]): string {
  return rows.map((cells) => `${cells.map(cell).join(',')}\r\n`).join('');
}

/** A line that is no row: it begins with `#`. */
export function remark(text: string): string {
  return `# ${text}\r\n`;
}

function cell(value: Cell = ''): string {
  if (typeof value === 'number') return String(value);
  const harmless = value.replace(MARKED, "'");
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

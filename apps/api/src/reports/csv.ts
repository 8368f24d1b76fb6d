/**
 * A cell begins at the start of its text, and after separators that another reader may split at. It gets an apostrophe
 * before what a spreadsheet takes for a formula, also behind blanks, quotes and invisible characters, and before an
 * apostrophe of its own, so that a program can always take the first one away.
 */
const MARKED = /(?<=^|[;\t\r\n])(?='|[\s"\p{Cc}\p{Cf}]*[=+\-@＝＋－＠]|(?<=^)[\t\r\n])/gu;

/**
 * A table in CSV (RFC 4180), with its header line. An absent cell is empty. A cell that a spreadsheet would run as a
 * formula gets an apostrophe in front, which makes it text; docs/billing.md says how a program takes it away again.
 */
export function csv(columns: string[], rows: (string | undefined)[][]): string {
  return [columns, ...rows].map((cells) => `${cells.map(cell).join(',')}\r\n`).join('');
}

function cell(text = ''): string {
  const harmless = text.replace(MARKED, "'");
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/**
 * Where an apostrophe must stand. First: where a cell begins, at the start of its text and, for a reader that splits at
 * other separators than ours, after these. Then: before what a spreadsheet takes for the start of a formula, also behind
 * blanks, quotes and characters that it does not show; and before an apostrophe of the text's own, so that the first one
 * can always be taken away again.
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

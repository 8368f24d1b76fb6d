/** A table in CSV (RFC 4180), with its header line. An absent cell is empty. */
export function csv(columns: string[], rows: (string | undefined)[][]): string {
  return [columns, ...rows].map((cells) => `${cells.map(cell).join(',')}\r\n`).join('');
}

function cell(text = ''): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

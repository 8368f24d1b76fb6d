import type { QualityReport } from '@handover/client';
import type { QualityQuery } from './view.ts';

const DAY_MS = 86_400_000;

const COMPARED = [
  'successful',
  'fallbackUsed',
  'failed',
  'expired',
  'rejected',
  'cancelled',
  'replayed',
] as const;

/** How many rows a CSV of the report has; its cells after the first are numbers, or empty. */
export function rowsIn(csv: string): string[][] {
  const [header = '', ...lines] = csv.split('\r\n');
  const figures = header.split(',').length - 1;
  const tail = new RegExp(`(?:,[\\d.]*){${figures}}$`);
  return lines.flatMap((line) => {
    const found = tail.exec(line);
    return found === null || line.startsWith('# ') ? [] : [found[0].slice(1).split(',')];
  });
}

/** Whether file and page have the same numbers, row by row. */
export function isSame(csv: string, { rows = [] }: QualityReport): boolean {
  const columns = (csv.split('\r\n', 1)[0] ?? '').split(',').slice(1);
  const inFile = rowsIn(csv).map((cells) => COMPARED.map((name) => cells[columns.indexOf(name)]).join());
  const onPage = rows.map((row) => COMPARED.map((name) => row[name]).join());
  return inFile.join('\n') === onPage.join('\n');
}

/** A name that tells what is in the file: quality-by-hour-2026-11-21T04Z-to-2026-11-28T04Z-queue-q1.csv */
export function fileNameOf({ by, queue, agent, key }: QualityQuery, { from, to }: QualityReport): string {
  const filters = Object.entries({ queue, agent, key }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}-${value}`],
  );
  const ends = from === undefined || to === undefined ? [] : endsOf(from, to);
  const name = ['quality-by', by, ...ends, ...filters].join('-');
  return `${name.replaceAll(/[^\p{L}\p{N}.-]+/gu, '_').slice(0, 120)}.csv`;
}

/** Whole days as the page names them, both included; else hours, of which the last is the end. */
function endsOf(from: string, to: string): string[] {
  const hour = (iso: string) => `${iso.slice(0, 13)}Z`;
  if (![from, to].every((iso) => iso.endsWith('T00:00:00.000Z'))) return [hour(from), 'to', hour(to)];
  return [from.slice(0, 10), 'to', new Date(Date.parse(to) - DAY_MS).toISOString().slice(0, 10)];
}

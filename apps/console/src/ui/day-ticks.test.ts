import { expect, test } from 'vitest';
import { dayName, dayTicks } from './day-ticks.ts';

const DAY_MS = 86_400_000;
const FIRST = Date.parse('2026-11-01');
const days = (count: number) => Array.from({ length: count }, (_, index) => FIRST + index * DAY_MS);

test('each day has its label where there is room, else every second or third up to the last', () => {
  expect(dayTicks(days(7), 900)).toEqual(days(7));
  expect(dayTicks(days(1), 10)).toEqual(days(1));
  const some = dayTicks(days(35), 900);
  expect(some.length).toBeLessThanOrEqual(900 / 64);
  expect(some.at(-1)).toBe(days(35).at(-1));
  expect((some[1] ?? 0) - (some[0] ?? 0)).toBe(3 * DAY_MS);
  expect(dayTicks([], 900)).toEqual([]);
});

test('a day has the name that it has in UTC', () => {
  expect(dayName(FIRST)).toMatch(/\b1\b/);
});

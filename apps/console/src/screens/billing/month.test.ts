import { expect, test } from 'vitest';
import { daysOf, isMonth, monthAfter, monthInWords, monthOf, monthsToChoose, stageOf } from './month.ts';

const NOW = Date.parse('2026-11-28T03:22:42Z');

test('a month has its days, its neighbours and its name', () => {
  expect(monthOf(NOW)).toBe('2026-11');
  expect(monthInWords('2026-11')).toBe('November 2026');
  expect(daysOf('2026-11')).toEqual({ from: '2026-11-01', to: '2026-11-30' });
  expect(daysOf('2028-02')).toEqual({ from: '2028-02-01', to: '2028-02-29' });
  expect(monthAfter('2026-12', 1)).toBe('2027-01');
  expect(monthAfter('2026-01', -1)).toBe('2025-12');
});

test.each(['2026-13', '2026-1', '2026-11-01', 'now', ''])('%j is no month', (text) => {
  expect(isMonth(text)).toBe(false);
});

test('the choice begins with this month, and has the one that is shown', () => {
  const usual = monthsToChoose(NOW, '2026-11');
  expect(usual).toHaveLength(13);
  expect([usual[0], usual.at(-1)]).toEqual(['2026-11', '2025-11']);
  expect(monthsToChoose(NOW, '2024-01').at(-1)).toBe('2024-01');
  expect(monthsToChoose(NOW, '2027-01')[0]).toBe('2027-01');
});

test('a month is over, or is not yet, or has not begun', () => {
  expect(['2025-12', '2026-10', '2026-11', '2026-12', '2027-01'].map((month) => stageOf(month, NOW))).toEqual(
    [...['over', 'over', 'so far', 'to come', 'to come']],
  );
});

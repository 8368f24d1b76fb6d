import { expect, test } from 'vitest';
import { billsByDay, daysIn } from './days.ts';

const report = {
  days: [
    { day: '2026-11-01', code: 'TRANSFER_BLIND' as const, count: 3 },
    { day: '2026-11-03', code: 'TRANSFER_BLIND' as const, count: 1 },
    { day: '2026-11-03', code: 'TRANSFER_CONSULT' as const, count: 2 },
    { day: '2026-11-05', code: 'TRANSFER_BLIND' as const, count: 9 },
  ],
};

test('every day has a row, also one without bills; days outside have none', () => {
  const days = daysIn(report, { from: '2026-11-01', to: '2026-11-03' });
  expect(days).toEqual([
    { day: '2026-11-01', blind: 3, consult: 0 },
    { day: '2026-11-02', blind: 0, consult: 0 },
    { day: '2026-11-03', blind: 1, consult: 2 },
  ]);
  const { at, series } = billsByDay(days);
  expect(at[2]).toBe(Date.UTC(2026, 10, 3));
  expect(series.map(({ values }) => values)).toEqual([
    [3, 0, 1],
    [0, 0, 2],
  ]);
});

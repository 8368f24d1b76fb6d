import { expect, it } from 'vitest';
import { hourOf, type Minute } from './hour.ts';

const now = Date.parse('2026-11-27T10:00:30Z');
const row = (minute: string, change: Partial<Minute>): Minute => ({
  ...{ minute, successful: 0, failed: 0, rejected: 0, expired: 0, cancelled: 0 },
  ...change,
});

it('fills the minutes in which nothing ended', () => {
  const hour = hourOf([row('2026-11-27T09:58:00.000Z', { successful: 3, averageMs: 200 })], now);
  expect(hour.at).toHaveLength(60);
  expect(hour.at.at(0)).toBe(Date.parse('2026-11-27T09:01:00Z'));
  expect(hour.at.at(-1)).toBe(Date.parse('2026-11-27T10:00:00Z'));
  expect(hour.rate.slice(-4)).toEqual([0, 3, 0, 0]);
  expect(hour.averageMs.slice(-4)).toEqual([null, 200, null, null]);
});

it('counts the expired by themselves, and weighs the averages', () => {
  const rows = [
    row('2026-11-27T09:58:00.000Z', { successful: 3, averageMs: 200 }),
    row('2026-11-27T10:00:00.000Z', { successful: 1, averageMs: 1_000, failed: 5, expired: 2, rejected: 4 }),
    row('2026-11-27T08:59:00.000Z', { successful: 100, averageMs: 9_000 }),
  ];
  expect(hourOf(rows, now).totals).toEqual({
    ...{ transferred: 4, failed: 3, expired: 2, rejected: 4, cancelled: 0 },
    ...{ ended: 13, averageMs: 400 },
  });
});

it('knows an hour without anything', () => {
  const { totals, rate } = hourOf([], now);
  expect(totals).toMatchObject({ ended: 0, averageMs: null });
  expect(rate.every((count) => count === 0)).toBe(true);
});

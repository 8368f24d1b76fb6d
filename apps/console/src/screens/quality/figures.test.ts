import { expect, test } from 'vitest';
import { hasOutcomes, inOrder, overTime, percentOf, type Row, reasonsOf, worstOf } from './figures.ts';

function row(figures: Partial<Row>): Row {
  return {
    ...{
      successful: 0,
      fallbackUsed: 0,
      failed: 0,
      expired: 0,
      etagConflicts: 0,
      totalTransfersAttempted: 0,
    },
    ...{
      successRate: 0,
      fallbackRate: 0,
      rejected: 0,
      rejections: {},
      failures: {},
      cancelled: 0,
      replayed: 0,
    },
    ...figures,
  };
}

const quiet = row({ hour: '2026-11-28T00:00:00.000Z' });
const good = row({
  hour: '2026-11-28T01:00:00.000Z',
  successful: 3,
  totalTransfersAttempted: 3,
  successRate: 100,
});
const bad = row({
  ...{ hour: '2026-11-28T02:00:00.000Z', successful: 1, failed: 3, expired: 2, totalTransfersAttempted: 4 },
  ...{ successRate: 25, rejected: 2, rejections: { forbidden: 1, 'call-ended': 1 } },
});

test('the bars add up to what was attempted, and an hour without any has no rate', () => {
  const { at, series } = overTime([quiet, good, bad], 'hour');
  expect(at).toEqual([0, 1, 2].map((hour) => Date.UTC(2026, 10, 28, hour)));
  expect(series.map(({ name, values }) => [name, ...values])).toEqual([
    ['Successful', 0, 3, 1],
    ['Failed', 0, 0, 1],
    ['Expired', 0, 0, 2],
    ['Success rate', null, 100, 25],
  ]);
});

test('a table shows the newest first, and hours without outcomes only if asked', () => {
  expect(inOrder([quiet, good, bad], 'hour', false)).toEqual([bad, good]);
  expect(inOrder([quiet, good, bad], 'hour', true)).toEqual([bad, good, quiet]);
});

test('names are shown by what was attempted', () => {
  expect(inOrder([quiet, good, bad], 'queue', true)).toEqual([bad, good, quiet]);
});

test('the worst has most failures', () => {
  expect(worstOf([quiet, good, bad])).toBe(bad);
  expect(worstOf([quiet, good])).toBeUndefined();
  expect(worstOf([bad])).toBeUndefined();
  const worse = { ...bad, successful: bad.successful - 1 };
  expect(worstOf([bad, worse])).toBe(worse);
});

test('a rate of nothing is none', () => {
  expect(percentOf(0, 0)).toBe('–');
  expect(percentOf(0, 2)).toBe('0\u00a0%');
  expect(hasOutcomes(quiet)).toBe(false);
  expect(hasOutcomes(row({ cancelled: 1 }))).toBe(true);
});

test('rejections have their reasons in words', () => {
  expect(reasonsOf({ forbidden: 0, 'call-ended': 2, 'call-is-private': 5 })).toEqual([
    { reason: 'call-is-private', count: 5 },
    { reason: 'call-ended', count: 2 },
  ]);
});

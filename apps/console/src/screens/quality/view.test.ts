import { describe, expect, test } from 'vitest';
import {
  dimensionsOf,
  fixedRange,
  leftOutWords,
  queryOf,
  rangeInWords,
  searchOf,
  swapped,
  viewOf,
} from './view.ts';

const NOW = Date.parse('2026-11-28T03:22:42Z');

describe('the view of a URL', () => {
  test('is the last week by hour, if it says nothing', () => {
    const view = viewOf({});
    expect(view).toEqual({ range: { preset: '7d' }, by: 'hour', filters: {}, ignored: [] });
    expect(queryOf(view, NOW)).toEqual({ from: '2026-11-21T04:00:00.000Z', by: 'hour' });
  });

  test.each([
    [{ range: 'today' }, { from: '2026-11-28', by: 'hour' }],
    [{ range: '24h' }, { from: '2026-11-27T04:00:00.000Z', by: 'hour' }],
    [{ range: '35d' }, { from: '2026-10-25', by: 'day' }],
    [{ range: 'month' }, { from: '2026-11-01', by: 'day' }],
    [
      { range: 'month', by: 'queue' },
      { from: '2026-11-01', by: 'queue' },
    ],
    [
      { from: '2026-11-01', to: '2026-11-08' },
      { from: '2026-11-01', to: '2026-11-08', by: 'hour' },
    ],
    [
      { from: '2026-11-01', to: '2026-11-09' },
      { from: '2026-11-01', to: '2026-11-09', by: 'day' },
    ],
    [
      { from: '2026-11-21T04:00:00.000Z', to: '2026-11-28T04:00:00.000Z' },
      { from: '2026-11-21T04:00:00.000Z', to: '2026-11-28T04:00:00.000Z', by: 'hour' },
    ],
    [
      { from: '2026-11-01', range: '24h' },
      { from: '2026-11-01', by: 'day' },
    ],
    [
      { range: '24h', agent: '=1', key: 'crm' },
      { from: '2026-11-27T04:00:00.000Z', by: 'hour', agent: '=1', key: 'crm' },
    ],
  ])('%j asks for %j, and comes back as it was', (search, query) => {
    const view = viewOf(search);
    expect(view.ignored).toEqual([]);
    expect(queryOf(view, NOW)).toEqual(query);
    expect(viewOf(searchOf(view))).toEqual(view);
  });

  test.each([
    [{ range: 'year' }],
    [{ by: 'minute' }],
    [{ by: 'toString' }],
    [{ from: 'yesterday' }],
    [{ from: '2026-02-30' }],
    [{ from: '2026-11-21T99:00:00Z' }],
    [{ to: '2026-11-20' }],
    [{ queue: 'q'.repeat(201) }],
  ])('%j is left aside, and told', (search) => {
    const { ignored, ...view } = viewOf(search);
    expect(view).toEqual({ range: { preset: '7d' }, by: 'hour', filters: {} });
    expect(ignored).toHaveLength(1);
  });
});

test('a range is said in words', () => {
  expect(rangeInWords({ preset: '7d' })).toBe('in the last 7 days');
  expect(rangeInWords({ preset: 'month' })).toBe('this month');
  expect(rangeInWords({ preset: 'today' })).toBe('today (UTC)');
  expect(rangeInWords({ from: '2026-11-21T04:00:00.000Z', to: '2026-11-28' })).toBe(
    'from 2026-11-21 04:00 UTC to 2026-11-28',
  );
  expect(rangeInWords({ from: '2026-11-01' })).toBe('since 2026-11-01');
  expect(rangeInWords({ from: '2026-11-01', to: '2026-11-01' })).toBe('on 2026-11-01');
});

test('a group and a filter of the same are one dimension', () => {
  expect(dimensionsOf(viewOf({ by: 'queue', queue: 'q' }))).toEqual(['queue']);
  expect(dimensionsOf(viewOf({ by: 'queue', agent: 'a' }))).toEqual(['queue', 'agent']);
});

test.each([
  ['hour', '2026-11-21T04:00:00.000Z', '2026-11-28T04:00:00.000Z', '2026-11-28T03:00:00.000Z'],
  ['queue', '2026-11-28T00:00:00.000Z', '2026-11-29T00:00:00.000Z', '2026-11-28T03:00:00.000Z'],
  ['hour', '2026-11-21T04:00:00.000Z', '2026-11-25T04:00:00.000Z', '2026-11-25T04:00:00.000Z'],
] as const)('by %s, a range from %s to %s is fixed until %s', (by, from, to, end) => {
  expect(fixedRange({ from, to }, by, NOW)).toEqual({ from, to: end });
});

test('by day, a range is fixed until yesterday; what is not over has no fixed range', () => {
  const month = { from: '2026-11-01T00:00:00.000Z', to: '2026-11-29T00:00:00.000Z' };
  expect(fixedRange(month, 'day', NOW)).toEqual({ from: '2026-11-01', to: '2026-11-27' });
  const today = { from: '2026-11-28T00:00:00.000Z', to: '2026-11-29T00:00:00.000Z' };
  expect(fixedRange(today, 'day', NOW)).toBeUndefined();
  expect(fixedRange(today, 'hour', Date.parse('2026-11-28T00:59:00Z'))).toBeUndefined();
});

test('what is not over is said to be left out', () => {
  const now = { to: '2026-11-29T00:00:00.000Z' };
  expect(leftOutWords(now, 'day', NOW)).toBe(', without today, which is not over');
  expect(leftOutWords(now, 'hour', NOW)).toBe(', without this hour, which is not over');
  expect(leftOutWords({ to: '2026-11-28T00:00:00.000Z' }, 'day', NOW)).toBe('');
  expect(leftOutWords({ to: '2026-11-28T03:00:00.000Z' }, 'queue', NOW)).toBe('');
});

test('days the wrong way round are swapped, and rows that were not asked for follow', () => {
  const wrong = { from: '2026-11-20', to: '2026-11-01', agent: 'a' };
  const right = { from: '2026-11-01', to: '2026-11-20', agent: 'a' };
  expect(swapped(viewOf(wrong))).toEqual(viewOf(right));
  expect(swapped(viewOf({ ...wrong, by: 'queue' }))).toEqual(viewOf({ ...right, by: 'queue' }));
  expect(swapped(viewOf(right))).toBeUndefined();
  expect(swapped(viewOf({}))).toBeUndefined();
});

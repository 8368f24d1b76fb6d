import type { TimelineEntry } from '@handover/client';
import { expect, it } from 'vitest';
import { linesOf, rowsOf } from './lines.ts';

const START = Date.parse('2026-11-20T10:00:00.000Z');
const entry = (
  after: number,
  step: TimelineEntry['step'],
  more: Partial<TimelineEntry> = {},
): TimelineEntry => ({
  at: new Date(START + after).toISOString(),
  by: 'worker:w',
  step,
  ...more,
});
const spans = (timeline: TimelineEntry[], now?: number) =>
  linesOf(timeline, now).map(({ from, to, isWait }) => [from - START, to - START, isWait]);

it('lets a wait last until the next work begins', () => {
  const since = new Date(START + 200).toISOString();
  const timeline = [
    entry(0, 'accepted'),
    entry(100, 'started'),
    entry(150, 'read', { ms: 40 }),
    entry(500, 'waiting', { since, times: 3 }),
    entry(900, 'read', { ms: 100 }),
    entry(900, 'outcome'),
  ];
  expect(spans(timeline)).toEqual([
    [0, 100, true],
    [100, 100, false],
    [110, 150, false],
    [200, 800, true],
    [800, 900, false],
    [900, 900, false],
  ]);
});

it('lets an outcome that was replayed wait for the replay', () => {
  const timeline = [entry(0, 'outcome', { ms: 5 }), entry(60_000, 'replayed'), entry(60_100, 'started')];
  expect(spans(timeline)).toEqual([
    [0, 60_000, true],
    [60_000, 60_100, true],
    [60_100, 60_100, false],
  ]);
});

it('lets the last wait of an open transfer last until now', () => {
  expect(spans([entry(0, 'accepted')], START + 5_000)).toEqual([[0, 5_000, true]]);
  expect(spans([entry(0, 'accepted')])).toEqual([[0, 0, true]]);
});

it('folds runs that went alike, but for the first and the last', () => {
  const run = (after: number) => [entry(after, 'started'), entry(after, 'read'), entry(after, 'waiting')];
  const timeline = [
    entry(0, 'accepted'),
    ...Array.from({ length: 30 }, (_, index) => run(index * 100)).flat(),
  ];
  const lines = linesOf([...timeline, entry(9_000, 'started'), entry(9_000, 'outcome')]);
  const rows = rowsOf(lines, false);
  expect(rows).toHaveLength(1 + 3 + 1 + 3 + 2);
  expect(rows[4]).toMatchObject({ kind: 'alike', runs: 28, from: START + 100 });
  expect(rowsOf(lines, true)).toHaveLength(lines.length);
});

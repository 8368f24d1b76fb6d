import { expect, it } from 'vitest';
import { pageOf } from './pages.ts';
import { headingOf, progressOf, waitOf } from './progress.ts';

it('says how far an action is', () => {
  const action = { total: 190, done: 100, failed: 1, skipped: { held: 4, changed: 5 } };
  expect(progressOf(action)).toEqual({ skipped: 9, over: 110, left: 80, percent: 57 });
  expect(progressOf({ total: 0, done: 0, failed: 0, skipped: {} }).percent).toBe(100);
  expect(progressOf({ total: 1_000, done: 999, failed: 0, skipped: {} }).percent).toBe(99);
});

it('says why an action does not go on', () => {
  const action = { status: 'running', total: 2, done: 0, failed: 0, skipped: {} } as const;
  expect(waitOf(action)).toBe('It waits for a worker to take it up.');
  expect(waitOf({ ...action, done: 1 })).toBeUndefined();
  expect(waitOf({ ...action, done: 1, waitsFor: 'the queue is paused' })).toBe(
    'It waits: the queue is paused.',
  );
  expect(waitOf({ ...action, status: 'stopped' })).toBeUndefined();
});

it('names an action', () => {
  const replay = { action: 'replay', total: 2, done: 1, filter: {} } as const;
  expect(headingOf({ ...replay, status: 'running' })).toBe('Replaying 2 dead letters');
  expect(headingOf({ ...replay, status: 'stopped' })).toBe('Stopped: replayed 1 of 2 dead letters');
  expect(headingOf({ ...replay, action: 'resolve', happened: true, status: 'done', total: 1 })).toBe(
    'Done: resolved 1 of 1 dead letter as moved',
  );
  expect(headingOf({ ...replay, filter: { billing: true }, status: 'running' })).toBe(
    'Replaying 2 dead letters of billing',
  );
});

it('takes the nearest page', () => {
  const rows = Array.from({ length: 190 }, (_, index) => index);
  expect(pageOf(rows, undefined)).toMatchObject({ number: 1, count: 2 });
  expect(pageOf(rows, '2').rows).toHaveLength(90);
  expect(pageOf(rows, '99').number).toBe(2);
  expect(pageOf(rows, 'x').number).toBe(1);
  expect(pageOf([], '3')).toEqual({ rows: [], number: 1, count: 1 });
});

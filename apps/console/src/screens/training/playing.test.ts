import { expect, test } from 'vitest';
import { moved, moveOfKey, type Playing, stepMs } from './playing.ts';

const START: Playing = { at: 0, count: 3, isPlaying: true, isOver: false };

test('it plays to its end, and is over after the last step', () => {
  const second = moved(START, 'tick');
  const third = moved(second, 'tick');
  expect([second.at, third.at, third.isPlaying, third.isOver]).toEqual([1, 2, true, false]);
  expect(moved(third, 'tick')).toEqual({ at: 2, count: 3, isPlaying: false, isOver: true });
});

test('by hand it stops, and stays within its steps', () => {
  expect(moved(START, 'next')).toMatchObject({ at: 1, isPlaying: false });
  expect(moved(START, 'back')).toMatchObject({ at: 0 });
  expect(moved(START, 7)).toMatchObject({ at: 2, isOver: false });
  expect(moved(START, -1)).toMatchObject({ at: 0 });
  expect(moved({ ...START, at: 2 }, 'next')).toMatchObject({ at: 2, isOver: true });
  expect(moved(START, 'last')).toMatchObject({ at: 2, isOver: true });
});

test('played again at the end it begins anew', () => {
  expect(moved({ ...START, at: 2, isPlaying: false }, 'play')).toMatchObject({ at: 0, isPlaying: true });
  expect(moved({ ...START, at: 1, isPlaying: false }, 'play')).toMatchObject({ at: 1 });
});

test('without steps there is nothing to play', () => {
  expect(moved({ at: 0, count: 0, isPlaying: false, isOver: false }, 'play')).toMatchObject({
    ...{ at: 0, isPlaying: false },
  });
});

test('keys and speeds', () => {
  expect(moveOfKey(' ', START)).toBe('pause');
  expect(moveOfKey('ArrowRight', START)).toBe('next');
  expect(moveOfKey('x', START)).toBeUndefined();
  expect(stepMs('0.5')).toBe(4 * stepMs('2'));
});

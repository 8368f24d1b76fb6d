import { expect, it } from 'vitest';
import { axisOf, labelSide, type Span } from './axis.ts';

const work = (from: number, to: number): Span => ({ from, to, isWait: false });
const wait = (from: number, to: number): Span => ({ from, to, isWait: true });

it('is to scale where work prevails', () => {
  const axis = axisOf([wait(0, 20), work(20, 100)], false);
  expect(axis.isShortened).toBe(false);
  expect([0, 20, 60, 100].map(axis.place)).toEqual([0, 20, 60, 100]);
});

it('shortens long waits, so that work is seen', () => {
  const spans = [work(0, 50), wait(50, 3_600_000), work(3_600_000, 3_600_050)];
  const axis = axisOf(spans, false);
  expect(axis.isShortened).toBe(true);
  expect(axis.place(50)).toBeCloseTo(30);
  expect(axis.place(3_600_000)).toBeCloseTo(70);
  expect(axis.place(3_600_050)).toBeCloseTo(100);
  expect(axisOf(spans, true).place(50)).toBeLessThan(1);
});

it('counts work side by side once', () => {
  const axis = axisOf([work(0, 50), work(0, 30), wait(50, 1_000)], false);
  expect(axis.place(50)).toBeCloseTo(60);
});

it('stands a lone moment, or nothing', () => {
  expect(axisOf([work(5, 5)], false).place(5)).toBe(0);
  expect(axisOf([], false).place(5)).toBe(0);
});

it('puts the label of a bar where there is room', () => {
  expect(labelSide(10, 50)).toBe('after');
  expect(labelSide(97, 98)).toBe('before');
  expect(labelSide(50, 95)).toBe('before');
  expect(labelSide(5, 95)).toBe('over');
});

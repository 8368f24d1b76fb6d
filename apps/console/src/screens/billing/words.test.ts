import { expect, test } from 'vitest';
import { openOnes, sideInWords } from './words.ts';

test('only what is open is named', () => {
  expect(openOnes({ 'missing-event': 2, 'different-target': 0, other: 1 })).toEqual([
    { name: 'missing-event', count: 2 },
  ]);
});

test('both sides are said in words', () => {
  expect(sideInWords(undefined)).toBe('nothing');
  expect(sideInWords({ transferType: 'blind', target: { type: 'queue', id: 'q' } })).toBe(
    'a blind transfer to queue q',
  );
  expect(sideInWords({ transferType: 'consult', target: { id: 'q' } })).toBe('a consult transfer to q');
});

import { expect, test } from 'vitest';
import { reasonWords } from './reasons.ts';

test('a reason is said in words; one that is new here, by its name', () => {
  expect(reasonWords('call-is-private')).toBe('the call is private');
  expect(reasonWords('constructor')).toBe('constructor');
});

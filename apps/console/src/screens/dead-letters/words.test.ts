import { expect, it } from 'vitest';
import { waysOut } from './words.ts';

it('promises a resolution only where something is in doubt', () => {
  expect(waysOut(['failed', 'contradicted'])).toBe('replay');
  expect(waysOut(['failed', 'unconfirmed'])).toBe('replay or resolve');
  expect(waysOut(['held'])).toBe('replay or resolve');
});

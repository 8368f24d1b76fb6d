import { expect, test } from 'vitest';
import { createPurse } from './purse.ts';

test('it holds what was reserved in advance, and no more', () => {
  const purse = createPurse(2);
  expect([purse.take(), purse.take(), purse.take()]).toEqual([true, true, false]);
  expect(createPurse(0).take()).toBe(false);
});

test('an old reservation is no longer valid, since a hold-off may have started', () => {
  let now = 0;
  const purse = createPurse(3, () => now);
  now = 250;
  expect(purse.take()).toBe(true);
  now = 251;
  expect(purse.take()).toBe(false);
});

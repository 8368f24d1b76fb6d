import { expect, test } from 'vitest';
import { Recent } from './recent.ts';

test('the last 100,000 are kept, oldest first', () => {
  const recent = new Recent<number>();
  for (let number = 1; number <= 250_001; number += 1) recent.add(number);
  const kept = recent.list();
  expect(kept).toHaveLength(100_000);
  expect([kept[0], kept.at(-1)]).toEqual([150_002, 250_001]);
  recent.clear();
  expect(recent.list()).toEqual([]);
});

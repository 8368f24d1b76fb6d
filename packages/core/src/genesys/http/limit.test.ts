import { expect, test } from 'vitest';
import { requestsAllowed } from './limit.ts';

test.each([
  ['180', 180],
  ['0', undefined],
  ['-5', undefined],
  ['many', undefined],
  ['9999999999', undefined],
  [undefined, undefined],
])('the limit that a header %s states', (value, allowed) => {
  expect(requestsAllowed(value === undefined ? {} : { 'inin-ratelimit-allowed': value })).toBe(allowed);
});

import { expect, test } from 'vitest';
import { rateIn, requestsAllowed } from './limit.ts';

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

test.each<[Record<string, string>, object | undefined]>([
  [
    { 'inin-ratelimit-allowed': '300', 'inin-ratelimit-count': '180', 'inin-ratelimit-reset': '41' },
    { allowed: 300, count: 180, resetSeconds: 41 },
  ],
  [
    { 'inin-ratelimit-allowed': '300', 'inin-ratelimit-count': '-1', 'inin-ratelimit-reset': 'soon' },
    { allowed: 300 },
  ],
  [{ 'inin-ratelimit-allowed': '300' }, { allowed: 300 }],
  [{ 'inin-ratelimit-count': '180' }, undefined],
])('what the headers %j say of the minute', (headers, rate) => {
  expect(rateIn(headers)).toEqual(rate);
});

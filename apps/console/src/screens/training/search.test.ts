import { expect, test } from 'vitest';
import { changed, runsAskedFor, TABS, tabOf, whoOf } from './search.ts';
import { endWords, situationOf, titleOf } from './words.ts';

test('a wrong tab, or one that is not allowed, is the first one allowed', () => {
  expect(tabOf({ tab: 'result' }, TABS)).toBe('result');
  expect(tabOf({ tab: 'nonsense' }, TABS)).toBe('practise');
  expect(tabOf({ tab: 'practise' }, ['history', 'result'])).toBe('history');
});

test('names go along, empty ones are left out', () => {
  expect(whoOf({ trainee: 'Mia', class: 'autumn', cursor: 'x' })).toEqual({
    trainee: 'Mia',
    class: 'autumn',
  });
  expect(
    changed({ trainee: 'Mia', cursor: 'x' }, { trainee: '', cursor: undefined, tab: 'history' }),
  ).toEqual({
    tab: 'history',
  });
  expect(runsAskedFor({ trainee: 'Mia', runsIn: 'autumn', from: '2026-11-01' })).toEqual({
    ...{ class: 'autumn', from: '2026-11-01' },
  });
});

test('scenarios and ends in words, also new ones', () => {
  expect(titleOf('caller-hangs-up')).toBe('The caller hangs up');
  expect(titleOf('brand-new')).toBe('Brand new');
  expect(situationOf({ scenario: 'brand-new', description: 'New.' })).toBe('New.');
  expect(titleOf('constructor')).toBe('Constructor');
  expect(endWords({ status: 'transferred', isFallback: true })).toBe('Moved to the fallback');
  expect(endWords({ status: 'rejected', reason: 'call-is-private' })).toBe('Refused: the call is private');
  expect(endWords({ status: 'expired' })).toBe('Failed: the deadline passed');
});

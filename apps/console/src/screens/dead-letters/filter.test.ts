import { expect, it } from 'vitest';
import { allOf, filterFacts, filterOf } from './filter.ts';

it('takes what the API knows', () => {
  const search = { kind: 'held', reason: 'conflict', status: 'failed', callId: 'c', agent: 'a', target: 't' };
  const more = { key: 'k', from: '2026-11-20', to: '2026-11-20T08:00:00+01:00' };
  expect(filterOf({ ...search, ...more, action: 'x', page: '2' })).toEqual({
    filter: { ...search, ...more },
    ignored: [],
  });
});

it('leaves out what is wrong, and says so', () => {
  const { filter, ignored } = filterOf({ kind: 'toString', reason: 'x', from: '2026-13-40', to: 'later' });
  expect(filter).toEqual({});
  expect(ignored).toHaveLength(4);
});

it('an action wants at least one field', () => {
  expect(allOf({})).toEqual({ all: true });
  expect(allOf({ kind: 'failed' })).toEqual({ kind: 'failed' });
});

it('tells what an action was done to', () => {
  expect(filterFacts({ ids: ['a', 'b'], kind: 'held', from: '2026-11-20' })).toEqual([
    { name: '', value: '2 ticked one by one' },
    { name: 'kind', value: 'held' },
    { name: 'since', value: '2026-11-20' },
  ]);
  expect(filterFacts({ billing: true })).toEqual([]);
});

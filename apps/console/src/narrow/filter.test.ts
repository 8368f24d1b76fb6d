import { expect, it } from 'vitest';
import { filterOf } from './filter.ts';

it('takes what the API knows', () => {
  const search = { callId: 'c', status: 'failed', reason: 'conflict', target: 't', agent: 'a', key: 'k' };
  const range = { from: '2026-11-20', to: '2026-11-20T08:00:00+01:00' };
  expect(filterOf({ ...search, ...range, page: '7' })).toEqual({
    filter: { ...search, ...range },
    ignored: [],
  });
});

it('leaves out what is wrong, and says so', () => {
  const { filter, ignored } = filterOf({ status: 'lost', reason: 'toString', from: 'x', to: '2026-13-40' });
  expect(filter).toEqual({});
  expect(ignored).toHaveLength(4);
});

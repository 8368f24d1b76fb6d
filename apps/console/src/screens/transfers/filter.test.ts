import { expect, it } from 'vitest';
import { filterOf, matches } from './filter.ts';
import { itemWith } from './item.testing.ts';

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

it('matches each filter', () => {
  const item = itemWith({ status: 'failed', outcome: { status: 'failed', reason: 'conflict' } });
  for (const filter of [
    {},
    { callId: 'call-1', agent: 'agent-1', target: 'sales', key: 'crm' },
    { status: 'failed', reason: 'conflict' } as const,
    { from: '2026-11-20', to: '2026-11-20' },
    { from: '2026-11-20T10:00:00Z' },
  ])
    expect(matches(item, filter)).toBe(true);
  for (const filter of [
    { callId: 'call-2' },
    { status: 'expired' } as const,
    { key: 'bi' },
    { from: '2026-11-21' },
    { to: '2026-11-20T10:00:00Z' },
  ])
    expect(matches(item, filter)).toBe(false);
});

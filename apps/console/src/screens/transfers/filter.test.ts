import { expect, it } from 'vitest';
import { matches } from './filter.ts';
import { itemWith } from './item.testing.ts';

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

import { expect, it } from 'vitest';
import { filterOfGroup, groupsOf } from './groups.ts';

const failed = (since: string) => ({
  kind: 'failed' as const,
  outcome: { status: 'failed' as const, reason: 'conflict' as const },
  since,
});

it('groups by kind and reason, the largest first, with the oldest and the newest', () => {
  const held = { kind: 'held' as const, outcome: null, since: '2026-11-27T08:00:00Z' };
  const days = ['2026-11-27T10:00:00Z', '2026-11-27T09:00:00Z', '2026-11-27T11:00:00Z'];
  expect(groupsOf([held, ...days.map(failed)])).toEqual([
    { kind: 'failed', reason: 'conflict', count: 3, oldest: days[1], newest: days[2] },
    { kind: 'held', count: 1, oldest: held.since, newest: held.since },
  ]);
});

it('without a reason the status stands for the group', () => {
  const since = '2026-11-27T08:00:00Z';
  const [group] = groupsOf([{ kind: 'contradicted', outcome: { status: 'expired' }, since }]);
  expect(group).toMatchObject({ kind: 'contradicted', status: 'expired', count: 1 });
  expect(group && filterOfGroup(group, { agent: 'a' })).toEqual({
    agent: 'a',
    kind: 'contradicted',
    status: 'expired',
  });
});

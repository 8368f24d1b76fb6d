import { expect, it } from 'vitest';
import { aboutOf, mostOf } from './about.ts';

it('tells the transfers by call, agent and target', () => {
  const request = {
    ...{ callId: 'c-1', userId: 'carla', transferType: 'blind' as const },
    target: { type: 'queue' as const, id: 'sales' },
  };
  expect([
    ...aboutOf([
      { id: 'a', request },
      { id: 'b', request: null },
    ]),
  ]).toEqual([['a', { call: 'c-1', agent: 'carla', target: 'queue sales' }]]);
});

it('names the most frequent first, and counts the others', () => {
  expect(mostOf(['b', 'a', 'c', 'c', 'd', 'a'], 2)).toEqual({
    top: [
      ['a', 2],
      ['c', 2],
    ],
    others: { names: 2, count: 2 },
  });
  expect(mostOf([], 5)).toEqual({ top: [], others: { names: 0, count: 0 } });
});

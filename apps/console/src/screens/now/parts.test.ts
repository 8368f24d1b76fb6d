import type { SystemStatus } from '@handover/client';
import { expect, it } from 'vitest';
import { partsOf, percent, timeLeft, todoHere } from './parts.ts';

const fine = { is: 'fine' as const, says: 'Fine.' };
const status: SystemStatus = {
  ...fine,
  mode: 'live',
  redis: fine,
  genesys: {
    ...{ is: 'trouble', says: 'Bad.', todo: 'Wait.' },
    ...{ answers: 4, failed: 4, limited: 0, lastFailedAt: '2026-11-28T00:00:00.000Z' },
  },
  holdOff: { is: 'waiting', says: 'Held.', until: null, operations: [] },
  budget: { ...fine, remaining: 1, limit: 2 },
  queues: { ...fine, paused: [], open: 0, waiting: 0, oldestWaitMs: 0 },
  workers: { ...fine, count: 1 },
  deadLetters: { is: 'trouble', says: 'Some.', transfers: 1, billing: 0, unconfirmed: 0 },
  billing: { is: 'unknown', says: '?', discrepancies: 0, waiting: 0, disabled: [] },
  webhook: { ...fine, state: 'registered' },
  callbacks: { ...fine, waiting: 0, failing: [] },
  history: { ...fine, waiting: 0, lagMs: 0 },
};

it('puts the worst first, and the fine ones aside', () => {
  const { pressing, fine: others } = partsOf(status);
  expect(pressing.map(({ name }) => name)).toEqual(['genesys', 'deadLetters', 'holdOff', 'billing']);
  expect(pressing[0]).toEqual({
    name: 'genesys',
    title: 'Genesys',
    is: 'trouble',
    says: 'Bad.',
    todo: 'Wait.',
  });
  expect(others).toHaveLength(7);
});

it('says nothing of routes', () => {
  expect(todoHere('Look at GET /api/dead-letters; replay them.')).toBeUndefined();
  expect(todoHere('Start a worker.')).toBe('Start a worker.');
  expect(todoHere(undefined)).toBeUndefined();
});

it('counts in percent, and down', () => {
  expect(percent(1, 3)).toBe(33);
  expect(percent(1, 0)).toBe(0);
  expect(percent(5, 3)).toBe(100);
  const now = Date.parse('2026-11-27T09:00:00Z');
  expect(timeLeft('2026-11-27T09:00:12.300Z', now)).toBe('13 s');
  expect(timeLeft('2026-11-27T09:05:01Z', now)).toBe('6 min');
  expect(timeLeft('2026-11-27T08:59:00Z', now)).toBeUndefined();
  expect(timeLeft('nonsense', now)).toBeUndefined();
});

import { expect, it } from 'vitest';
import { actionOf } from './part-of.ts';

const replay = {
  ...{ action: 'replay', actor: 'operator:anna', reason: 'Genesys is well again' },
  ...{ startedAt: '2026-11-20T10:00:00.000Z', endedAt: '2026-11-20T10:00:05.000Z' },
} as const;
const entry = {
  ...{ action: 'replay', actor: 'operator:anna', reason: 'Genesys is well again' },
  at: '2026-11-20T10:00:03.000Z',
} as const;

it('finds the action that an entry belongs to', () => {
  expect(actionOf(entry, [replay])).toBe(replay);
  expect(
    actionOf({ ...entry, at: '2026-11-20T11:00:00.000Z' }, [{ ...replay, endedAt: null }]),
  ).toBeDefined();
});

it('leaves alone what was done by itself', () => {
  const others = [
    ...[{ actor: 'operator:bert' }, { reason: 'another' }, { action: 'cancel' as const }],
    ...[{ at: '2026-11-20T09:59:59.000Z' }, { at: '2026-11-20T10:00:07.000Z' }],
    { action: 'replay-many' as const },
  ];
  for (const other of others) expect(actionOf({ ...entry, ...other }, [replay])).toBeUndefined();
});

it('knows a resolution, which says first whether it happened', () => {
  const resolve = { ...replay, action: 'resolve' as const };
  const of = (reason: string) => actionOf({ ...entry, action: 'resolve', reason }, [resolve]);
  expect(of('it did not happen: Genesys is well again')).toBe(resolve);
  expect(of('it did not happen: another')).toBeUndefined();
});

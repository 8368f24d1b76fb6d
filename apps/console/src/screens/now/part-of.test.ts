import type { AuditEntry } from '@handover/client';
import { expect, it } from 'vitest';
import { actionOf, type Deed } from './part-of.ts';

const by = { actor: 'operator:anna', reason: 'Genesys is well again' };
const replay: Deed = {
  ...{ action: 'replay', ...by },
  ...{ startedAt: '2026-11-20T10:00:00.000Z', endedAt: '2026-11-20T10:00:05.000Z' },
};
const entry: Pick<AuditEntry, 'action' | 'actor' | 'reason' | 'at'> = {
  ...{ action: 'replay', ...by },
  at: '2026-11-20T10:00:03.000Z',
};

it('finds the action that an entry belongs to', () => {
  expect(actionOf(entry, [replay])).toBe(replay);
  expect(
    actionOf({ ...entry, at: '2026-11-20T11:00:00.000Z' }, [{ ...replay, endedAt: null }]),
  ).toBeDefined();
});

it('leaves alone what was done by itself', () => {
  const others: Partial<AuditEntry>[] = [
    ...[{ actor: 'operator:bert' }, { reason: 'another' }, { action: 'cancel' } as const],
    ...[{ at: '2026-11-20T09:59:59.000Z' }, { at: '2026-11-20T10:00:07.000Z' }],
    { action: 'replay-many' },
  ];
  for (const other of others) expect(actionOf({ ...entry, ...other }, [replay])).toBeUndefined();
});

it('knows a resolution, which says first whether it happened', () => {
  const resolve = { ...replay, action: 'resolve' as const };
  const of = (reason: string) => actionOf({ ...entry, action: 'resolve', reason }, [resolve]);
  expect(of('it did not happen: Genesys is well again')).toBe(resolve);
  expect(of('it did not happen: another')).toBeUndefined();
});

import type { TransferItem } from '@handover/client';
import { expect, it } from 'vitest';
import { itemWith } from './item.testing.ts';
import { concerning, merged } from './merge.ts';

const at = (id: string, minute: string, more: Partial<TransferItem> = {}) =>
  itemWith({ id, acceptedAt: `2026-11-20T10:${minute}:00.000Z`, ...more });
const changes = (...items: TransferItem[]) => new Map(items.map((item) => [item.id, item]));

it('puts a new one on top, and renews one where it is', () => {
  const items = [at('b', '02', { status: 'queued' }), at('a', '01')];
  const list = merged(changes(at('b', '02'), at('c', '03')), { items, filter: {}, hasMore: false });
  expect(list.map(({ id, status }) => `${id} ${status}`)).toEqual([
    'c transferred',
    'b transferred',
    'a transferred',
  ]);
});

it('drops one that no longer matches', () => {
  const items = [at('b', '02', { status: 'queued' })];
  expect(merged(changes(at('b', '02')), { items, filter: { status: 'queued' }, hasMore: false })).toEqual([]);
});

it('leaves one that belongs on a later page', () => {
  const items = [at('b', '02')];
  expect(concerning(changes(at('a', '01')), { items, filter: {}, hasMore: true }).size).toBe(0);
  expect(concerning(changes(at('a', '01')), { items, filter: {}, hasMore: false }).size).toBe(1);
});

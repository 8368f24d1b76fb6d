import type { DeadLetter } from '@handover/client';
import { expect, it } from 'vitest';
import { afterChanges, MOST_LETTERS, walk } from './letters.ts';

const letter = (id: string): DeadLetter => ({
  id,
  kind: 'failed',
  status: 'failed',
  outcome: { status: 'failed', reason: 'conflict' },
  request: null,
  attempts: 1,
  story: '',
  since: '2026-11-27T09:00:00Z',
  acceptedAt: '2026-11-27T09:00:00Z',
  expiresAt: '2026-11-27T09:15:00Z',
  actor: { type: 'apiKey', name: 'crm' },
});
const some = (count: number) => Array.from({ length: count }, (_, index) => letter(String(index)));

it('walks the pages, also empty ones, to the end', async () => {
  const pages = [
    { items: [letter('a')], next: 'x', billing: [] },
    { items: [], next: 'y', billing: [] },
    { items: [letter('b')], next: null, billing: [] },
  ];
  const asked: (string | undefined)[] = [];
  const found = await walk(async (cursor) => {
    asked.push(cursor);
    return pages[asked.length - 1] ?? { items: [], next: null, billing: [] };
  });
  expect(asked).toEqual([undefined, 'x', 'y']);
  expect(found.items.map(({ id }) => id)).toEqual(['a', 'b']);
  expect(found.isAll).toBe(true);
});

it('stops at a bound, and says so', async () => {
  const found = await walk(async () => ({ items: some(900), next: 'more', billing: [] }));
  expect(found.items).toHaveLength(MOST_LETTERS);
  expect(found.isAll).toBe(false);
  let pages = 0;
  const empty = await walk(async () => ({ items: [], next: String(pages++), billing: [] }));
  expect(pages).toBeLessThan(100);
  expect(empty.isAll).toBe(false);
});

it('drops those that are none any more, and tells when others may have come', () => {
  const letters = { items: [letter('a'), letter('b')], billing: [], isAll: true };
  const after = (id: string, status: 'queued' | 'failed') =>
    afterChanges(letters, new Map([[id, { status }]]));
  expect(after('a', 'failed')).toEqual({ letters, isStale: false });
  expect(after('c', 'queued')).toEqual({ letters, isStale: false });
  expect(after('c', 'failed')).toEqual({ letters, isStale: true });
  expect(after('a', 'queued').letters.items.map(({ id }) => id)).toEqual(['b']);
});

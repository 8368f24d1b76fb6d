import type { Check } from '@handover/core/checks';
import { expect, test } from 'vitest';
import { runChecks } from './run.ts';

const fine = { status: 'ok', detail: 'fine' } as const;
const broken = { status: 'failed', detail: 'broken', fix: 'mend it' } as const;
const check = (id: string, given: Partial<Check> = {}): Check => ({
  id,
  what: id,
  run: async () => fine,
  ...given,
});
const results = (checks: Check[]) => Promise.all(runChecks(checks));

test('what needs a check that failed is skipped, and so is what needs that', async () => {
  const needs = (id: string) => ({ needs: { id, words: `the ${id}` } });
  const found = await results([
    check('key', { run: async () => broken }),
    check('door', needs('key')),
    check('room', needs('door')),
    check('garden'),
  ]);
  expect(found.map(({ id, status, detail }) => [id, status, detail])).toEqual([
    ['key', 'failed', 'broken'],
    ['door', 'skipped', 'needs the key'],
    ['room', 'skipped', 'needs the door'],
    ['garden', 'ok', 'fine'],
  ]);
});

test('a warning does for what needs it', async () => {
  const risky = { status: 'warning', detail: 'risky', fix: 'change it' } as const;
  const found = await results([
    check('key', { run: async () => risky }),
    check('door', { needs: { id: 'key', words: 'a key' } }),
  ]);
  expect(found.map(({ status }) => status)).toEqual(['warning', 'ok']);
});

test('checks run side by side, and one that waits for others runs after them, wherever they stand', async () => {
  const started: string[] = [];
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const starts =
    (id: string, does: () => unknown = () => undefined) =>
    async () => {
      started.push(id);
      await does();
      return fine;
    };
  const found = await results([
    check('last', { after: ['slow', 'nowhere'], run: starts('last') }),
    check('slow', { run: starts('slow', () => opened) }),
    check('opener', { run: starts('opener', open) }),
  ]);
  expect(started).toEqual(['slow', 'opener', 'last']);
  expect(found.map(({ id }) => id)).toEqual(['last', 'slow', 'opener']);
});

test('one that does not end is given up, and one that throws is told', async () => {
  const [silent, thrown] = await results([
    check('silent', { withinMs: 1, run: () => new Promise(() => {}) }),
    check('thrown', { run: () => Promise.reject(new Error('oops')) }),
  ]);
  expect(silent).toMatchObject({ status: 'failed', detail: 'no result within 1 ms' });
  expect(thrown).toMatchObject({ status: 'failed', detail: 'the check broke: oops' });
});

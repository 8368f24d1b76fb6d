import { expect, test } from 'vitest';
import { compareClocks } from './clock.ts';

const MINUTE = 60_000;
const at = 1_800_000_000_000;
/** A clock that is so much ahead of this machine's, read at another moment. */
const ahead = (ms: number, later = 0) => ({ theirs: at + later + ms, ours: at + later });

test.each([
  [ahead(0), ahead(400, 9_000), 'ok', 'this machine agrees with Genesys, Redis agrees with Genesys'],
  [ahead(0), ahead(-20_000), 'ok', 'this machine is 20 s ahead of Genesys, Redis is 20 s ahead of Genesys'],
  [
    ahead(30 * MINUTE),
    ahead(0),
    'failed',
    'this machine agrees with Genesys, Redis is 30 min ahead of Genesys: ',
  ],
  [undefined, ahead(16 * MINUTE), 'failed', 'this machine is 16 min behind Genesys: '],
  [ahead(-14 * MINUTE), undefined, 'ok', 'this machine is 14 min ahead of Redis'],
  [undefined, undefined, 'skipped', 'neither Genesys nor Redis told the time'],
])('Redis %j and Genesys %j: %s', (redis, genesys, status, detail) => {
  const found = compareClocks(redis, genesys);
  expect(found.status).toBe(status);
  expect(found.detail).toContain(detail);
});

test('the fix names whose clock is wrong', () => {
  expect(compareClocks(ahead(30 * MINUTE), ahead(0)).fix).toMatch(/^correct the clock of Redis: /);
  expect(compareClocks(ahead(0), ahead(30 * MINUTE)).fix).toMatch(
    /^correct the clock of this machine and of Redis: /,
  );
});

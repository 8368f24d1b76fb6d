import { expect, onTestFinished, test } from 'vitest';
import { PATIENTLY } from '../support/patience.ts';
import { openWorld, UNHURRIED, type WorldOptions } from '../support/world.ts';

const OPERATION = 'getOrganizationsLimitsNamespace';
const WORKERS = 3;

type Line = { msg: string; requestsPerMinute?: number; reason?: string };

/** Workers on the Platform API, which are not started yet, and the lines of their logs. */
async function openPlatformWorld(more: WorldOptions = {}) {
  const lines: Line[] = [];
  const world = await openWorld({
    ...more,
    workers: 0,
    env: (url) => ({ ...UNHURRIED, GENESYS_API: 'platform', GENESYS_BASE_URL: url, GENESYS_LOGIN_URL: url }),
    onLog: (line) => lines.push(JSON.parse(line)),
  });
  onTestFinished(world.close);
  const told = (msg: string) => lines.filter((line) => line.msg === msg);
  return { world, told };
}

test('workers that start together ask the organisation once for its limit, and share one token', async () => {
  const { world, told } = await openPlatformWorld({ budget: { requests: 300, windowMs: 61_000 } });
  world.sandbox.changeSettings({ requestsPerMinute: 120 });
  await Promise.all(Array.from({ length: WORKERS }, () => world.startOne()));
  await expect.poll(() => told('genesys.token-received').length, PATIENTLY).toBe(WORKERS);
  await expect.poll(() => told('genesys.limit-read'), PATIENTLY).toMatchObject([{ requestsPerMinute: 120 }]);
  expect(await world.redis.get(world.store.keys.allowed)).toBe('120');
  const counts = world.sandbox.requests.counts();
  expect([counts.postOauthToken, counts[OPERATION]]).toEqual([1, 1]);
});

test('without that permission the worker starts all the same, and says so', async () => {
  const { world, told } = await openPlatformWorld();
  world.sandbox.platform.addScript({
    operation: OPERATION,
    steps: [{ status: 403, code: 'missing.permissions' }],
  });
  await world.startOne();
  await expect
    .poll(() => told('genesys.limit-not-read'), PATIENTLY)
    .toMatchObject([{ reason: expect.stringContaining('missing.permissions') }]);
  expect(told('genesys.token-received')).toHaveLength(1);
});

import { expect, test } from 'vitest';
import { checkConfiguration } from './configuration.ts';

const sound = { GENESYS_REGION: 'eu-west-2', GENESYS_CLIENT_ID: 'id', GENESYS_CLIENT_SECRET: 'a-secret' };
const findings = (env: Record<string, string>) =>
  Promise.all(checkConfiguration(env).checks.map(({ run }) => run()));

test('a sound one is one tick', async () => {
  expect(await findings(sound)).toEqual([{ status: 'ok', detail: 'every variable is valid' }]);
});

test('shadow mode is told', async () => {
  expect(await findings({ ...sound, HANDOVER_MODE: 'shadow' })).toMatchObject([
    { status: 'ok', detail: expect.stringContaining('shadow mode') },
  ]);
});

test('every problem is a cross with what its variable is for, and the rest stays usable', async () => {
  const env = { ...sound, GENESYS_TIMEOUT_MS: '10s', BILLING_URL: 'nowhere' };
  expect(await findings(env)).toEqual([
    expect.objectContaining({
      detail: expect.stringContaining('GENESYS_TIMEOUT_MS must be a whole number; it is "10s"'),
      fix: 'set GENESYS_TIMEOUT_MS (docs/configuration.md): One request to Genesys, from start to last byte, in ms.',
    }),
    expect.objectContaining({
      status: 'failed',
      detail: expect.stringContaining('BILLING_URL must be a URL'),
    }),
  ]);
  const { config, hasGenesys, hasRedis } = checkConfiguration(env);
  expect({ hasGenesys, hasRedis }).toEqual({ hasGenesys: true, hasRedis: true });
  expect(config.genesys.baseUrl).toBe('https://api.euw2.pure.cloud');
});

test.each([
  ['GENESYS_BASE_URL', 'nowhere', { hasGenesys: false, hasRedis: true }],
  ['GENESYS_CLIENT_ID', '', { hasGenesys: true, hasRedis: true }],
  ['REDIS_URL', 'http://host', { hasGenesys: true, hasRedis: false }],
  ['REDIS_MIN_REPLICAS', 'some', { hasGenesys: true, hasRedis: true }],
])('a wrong %s leaves what does not depend on it', (name, value, usable) => {
  expect(checkConfiguration({ ...sound, [name]: value })).toMatchObject(usable);
});

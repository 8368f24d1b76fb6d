import { checkDurability, connectRedis, type RedisClient } from '@handover/core/redis';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OwnRedis, startOwnRedis } from '../support/own-redis.ts';

let own: OwnRedis;
let admin: Redis;
beforeAll(async () => {
  own = await startOwnRedis();
  admin = new Redis(own.url);
});
afterAll(async () => {
  admin.disconnect();
  await own.stop();
});

async function withClient<T>(url: string, use: (redis: RedisClient) => Promise<T>): Promise<T> {
  const redis = connectRedis({ url }, 'wait', 'test');
  try {
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}

const NO_AOF = expect.stringContaining('it keeps no append-only file (set "appendonly yes")');
const evicts = (policy: string) =>
  expect.stringContaining(`its maxmemory-policy is "${policy}" (set "noeviction")`);

test('a Redis with an append-only file that never evicts is durable', async () => {
  expect(await withClient(own.url, checkDurability)).toEqual({ durable: true });
});

describe('reports missing durability', () => {
  test.each<[string, string, unknown[]]>([
    ['no', 'noeviction', [NO_AOF]],
    ['yes', 'allkeys-lru', [evicts('allkeys-lru')]],
    ['yes', 'volatile-ttl', [evicts('volatile-ttl')]],
    ['no', 'allkeys-random', [NO_AOF, evicts('allkeys-random')]],
  ])('appendonly %s, maxmemory-policy %s', async (appendonly, policy, problems) => {
    await admin.config('SET', 'appendonly', appendonly);
    await admin.config('SET', 'maxmemory-policy', policy);
    try {
      expect(await withClient(own.url, checkDurability)).toEqual({ durable: false, problems });
    } finally {
      await admin.config('SET', 'appendonly', 'yes');
      await admin.config('SET', 'maxmemory-policy', 'noeviction');
    }
  });
});

test('is unknown if CONFIG returns an error, as on some managed services', async () => {
  const managed = {
    info: async () => 'maxmemory_policy:noeviction\r\naof_enabled:0',
    config: async () => Promise.reject(new Error('ERR Unsupported CONFIG parameter: appendonly')),
  };
  const why = expect.stringContaining('Unsupported CONFIG parameter');
  expect(await checkDurability(managed as never)).toEqual({ durable: 'unknown', why });
});

describe('where CONFIG is forbidden, as on a managed Redis, INFO decides', () => {
  test('that it keeps an append-only file', async () => {
    await admin.acl('SETUSER', 'limited', 'reset', 'on', '>secret', '~*', 'allchannels', '+@all', '-config');
    const url = own.url.replace('redis://', 'redis://limited:secret@');
    expect(await withClient(url, checkDurability)).toEqual({ durable: true });
  });

  test('that it evicts', async () => {
    await admin.config('SET', 'appendonly', 'no');
    await admin.config('SET', 'maxmemory-policy', 'volatile-lru');
    try {
      const url = own.url.replace('redis://', 'redis://limited:secret@');
      expect(await withClient(url, checkDurability)).toEqual({
        durable: false,
        problems: [evicts('volatile-lru')],
      });
    } finally {
      await admin.config('SET', 'appendonly', 'yes');
      await admin.config('SET', 'maxmemory-policy', 'noeviction');
    }
  });
});

describe('durability is unknown if CONFIG is forbidden and INFO shows no append-only file', () => {
  test('by an access list', async () => {
    await admin.config('SET', 'appendonly', 'no');
    const url = own.url.replace('redis://', 'redis://limited:secret@');
    const durability = await withClient(url, checkDurability);
    await admin.config('SET', 'appendonly', 'yes');
    expect(durability).toEqual({ durable: 'unknown', why: expect.stringContaining('NOPERM') });
    expect(JSON.stringify(durability)).not.toContain('secret');
  });

  test('because the command was renamed', async () => {
    const renamed = await startOwnRedis({ appendonly: false, extraArgs: ['--rename-command', 'CONFIG', ''] });
    try {
      expect(await withClient(renamed.url, checkDurability)).toEqual({
        durable: 'unknown',
        why: expect.stringMatching(/unknown command/i),
      });
    } finally {
      await renamed.stop();
    }
  });
});

test('an unreachable Redis is an error, not unknown durability', async () => {
  const gone = await startOwnRedis();
  const redis = connectRedis({ url: gone.url }, 'answer-now', 'test');
  redis.on('error', () => undefined);
  await gone.stop();
  await expect(checkDurability(redis)).rejects.toThrow();
  redis.disconnect();
});

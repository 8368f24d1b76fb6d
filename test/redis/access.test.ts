import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { checkAccess, connectRedis, type RedisAccess, watchAccess } from '@handover/core/redis';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { versionProblem } from '../../packages/core/src/redis/access.ts';
import { type OwnRedis, startOwnRedis } from '../support/own-redis.ts';

const PREFIX = '{handover}';
const LUA = resolve(import.meta.dirname, '../../packages/core/lua');
const WAIT = { timeout: 60_000, interval: 20 };

let own: OwnRedis;
let admin: Redis;
const closers: (() => unknown)[] = [];
beforeAll(async () => {
  own = await startOwnRedis();
  admin = new Redis(own.url);
});
afterEach(() => {
  for (const close of closers.splice(0).reverse()) close();
});
afterAll(async () => {
  admin.disconnect();
  await own.stop();
});

const ALL = ['~*', 'allchannels', '+@all'];
const grant = (...rules: string[]) => admin.acl('SETUSER', 'app', 'reset', 'on', '>app-password', ...rules);

/** A connection of the limited user; its errors are expected. */
function connect(url = own.url.replace('redis://', 'redis://app:app-password@')) {
  const redis = connectRedis({ url }, 'wait', 'test');
  redis.on('error', () => undefined);
  closers.push(() => redis.disconnect());
  return redis;
}

async function whyNot(...rules: string[]): Promise<string> {
  await grant(...rules);
  const found = await checkAccess(connect(), PREFIX);
  return found.usable ? 'usable' : found.why;
}

const probe = readFileSync(join(LUA, 'probe.lua'), 'utf8');
const tried = new Set([...probe.matchAll(/try\('([A-Z]+)'/g)].map(([, name = '']) => name).concat('PUBLISH'));

describe('the probe tries every command', () => {
  const called = /(?:rcall|redis\.p?call)\(\s*['"]([A-Za-z]+)['"]/g;
  const commandsOf = (folder: string, isUsed: (file: string) => boolean) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.lua') && isUsed(file))
      .flatMap((file) =>
        [...readFileSync(join(folder, file), 'utf8').matchAll(called)].map(([, name = '']) =>
          name.toUpperCase(),
        ),
      );

  test('of our scripts', () => {
    const used = new Set(commandsOf(LUA, () => true));
    expect(used.size).toBeGreaterThan(20);
    // INFO may be forbidden: scripts then continue without it.
    expect([...used].filter((name) => name !== 'INFO' && !tried.has(name))).toEqual([]);
  });

  test("of BullMQ's scripts, except its unused relay", () => {
    const folder = resolve(import.meta.dirname, '../../packages/core/node_modules/bullmq/dist/cjs/commands');
    const isUsed = (file: string) => !/relay/i.test(file);
    const used = new Set([...commandsOf(folder, isUsed), ...commandsOf(join(folder, 'includes'), isUsed)]);
    expect(used.size).toBeGreaterThan(40);
    expect([...used].filter((name) => !tried.has(name))).toEqual([]);
  });
});

test.each([...tried])('without %s reports the missing grant', async (name) => {
  const command = name.toLowerCase();
  const why = await whyNot(...ALL, `-${command}`);
  expect(why).toContain(`The Redis user "app" may not run`);
  expect(why).toMatch(new RegExp(`ACL SETUSER app (\\+[a-z]+ )*\\+${command} `));
  expect(why).not.toContain('\n');
});

describe('commands outside of scripts too', () => {
  test.each(['ping', 'eval', 'evalsha', 'bzpopmin', 'multi', 'exec', 'subscribe'])('%s', async (command) => {
    expect(await whyNot(...ALL, `-${command}`)).toBe(
      `The Redis user "app" may not run ${command.toUpperCase()}. Grant it: ACL SETUSER app +${command} (docs/deployment.md, "The Redis user").`,
    );
  });

  test.each([
    ['-@blocking', /may not run BZPOPMIN\./],
    ['-@scripting', /may not run EVAL, EVALSHA\./],
    ['-@pubsub', /may not run .*PUBLISH/],
    ['-@stream', /may not run XADD, XRANGE, XREVRANGE, XLEN, XTRIM\./],
    ['-@transaction', /may not run .*MULTI/],
    ['-@write', /may not run .*HSET.*XADD/],
  ])('%s', async (category, words) => {
    expect(await whyNot(...ALL, category)).toMatch(words);
  });

  test('a database that the user may not select', async () => {
    await grant(...ALL, '-select');
    const found = await checkAccess(connect(`redis://app:app-password@127.0.0.1:${own.port}/1`), PREFIX);
    expect(found).toMatchObject({ usable: false, why: expect.stringContaining('may not run SELECT') });
  });

  test('a missing database', async () => {
    await grant(...ALL);
    const found = await checkAccess(connect(`redis://app:app-password@127.0.0.1:${own.port}/99`), PREFIX);
    expect(found).toMatchObject({ usable: false, why: expect.stringContaining('DB index is out of range') });
  });
});

describe('keys and channels', () => {
  const channels = `The Redis user "app" may not use the channels ${PREFIX}:live:changed, ${PREFIX}:simulated:changed. Grant it: ACL SETUSER app &${PREFIX}:* (docs/deployment.md, "The Redis user").`;
  test('no channels, the default of Redis 7', async () => {
    expect(await whyNot('~*', '+@all')).toBe(channels);
    expect(await whyNot('~*', 'resetchannels', '&other:*', '+@all')).toBe(channels);
  });

  test('other keys', async () => {
    expect(await whyNot('~other:*', 'allchannels', '+@all')).toMatch(
      /may not use the keys \{handover\}:\*\. Grant/,
    );
  });

  test('only some of the keys', async () => {
    const why = await whyNot(`~${PREFIX}:live:*`, `~${PREFIX}:probe*`, 'allchannels', '+@all');
    expect(why).toContain(`${PREFIX}:transfers:*`);
    expect(why).toContain(`${PREFIX}:billing-http:*`);
    expect(why).not.toContain(`${PREFIX}:live:*`);
  });

  test('keys that are read-only', async () => {
    expect(await whyNot(`%R~${PREFIX}:*`, 'allchannels', '+@all')).toContain(
      'may not use the keys {handover}:*',
    );
  });
});

describe('other reasons than permissions', () => {
  test.each([
    ['redis_version:6.2.0', undefined],
    ['redis_version:7.0.15', undefined],
    ['redis_version:7.2.4\r\nvalkey_version:8.0.1', undefined],
    ['redis_version:10.0.0', undefined],
    ['', undefined],
    ['redis_version:6.0.16', 'This is Redis 6.0.16; Handover needs 6.2 or newer, or Valkey.'],
    ['redis_version:5.0.14', 'This is Redis 5.0.14; Handover needs 6.2 or newer, or Valkey.'],
  ])('%j', (info, why) => {
    expect(versionProblem(`# Server\r\n${info}\r\nos:Linux\r\n`)).toBe(why);
  });

  test('a replica, and too few of them', async () => {
    await grant(...ALL);
    const redis = connect();
    await redis.ping();
    await admin.replicaof('127.0.0.1', '1');
    const asReplica = await checkAccess(redis, PREFIX);
    await admin.replicaof('NO', 'ONE');
    expect(asReplica).toMatchObject({
      usable: false,
      kind: 'read-only',
      why: expect.stringContaining('primary'),
    });
    await admin.config('SET', 'min-replicas-to-write', '1');
    const alone = await checkAccess(redis, PREFIX);
    await admin.config('SET', 'min-replicas-to-write', '0');
    expect(alone).toMatchObject({ usable: false, kind: 'cannot-write' });
  });

  test('a wrong password, without revealing it', async () => {
    await grant(...ALL);
    const found = await checkAccess(connect(own.url.replace('redis://', 'redis://app:wrong-one@')), PREFIX);
    expect(found).toEqual({
      usable: false,
      kind: 'unauthenticated',
      why: 'Redis rejects the user or password of REDIS_URL: WRONGPASS invalid username-password pair or user is disabled.',
    });
  });

  test('commands that were renamed', async () => {
    const renamed = await startOwnRedis({ extraArgs: ['--rename-command', 'XADD', ''] });
    try {
      expect(await checkAccess(connect(renamed.url), PREFIX)).toMatchObject({
        usable: false,
        kind: 'missing-command',
        why: expect.stringContaining('lacks commands that Handover needs: XADD.'),
      });
    } finally {
      await renamed.stop();
    }
  });

  test('an unreachable Redis', async () => {
    expect(await checkAccess(connect('redis://127.0.0.1:1'), PREFIX)).toMatchObject({
      usable: false,
      kind: 'lost',
    });
  });
});

test('works without INFO, and reports what is unknown', async () => {
  await grant(...ALL, '-@dangerous');
  expect(await checkAccess(connect(), PREFIX)).toEqual({
    usable: true,
    durability: { durable: 'unknown', why: expect.stringContaining('+info') },
  });
});

test('nothing is left behind', async () => {
  await grant(...ALL);
  await admin.flushall();
  const redis = connect();
  const users = async () => String(await admin.client('LIST')).match(/user=app /g)?.length ?? 0;
  await redis.ping();
  const before = await users();
  expect(await checkAccess(redis, PREFIX)).toEqual({ usable: true, durability: { durable: true } });
  // A fast machine may still see keys that live for a millisecond.
  for (const key of await admin.keys('*')) expect(await admin.pttl(key), key).toBeLessThanOrEqual(1);
  await vi.waitUntil(async () => (await users()) === before, WAIT);
});

describe('a Redis that is watched', () => {
  function watch(redis = connect()) {
    const heard: RedisAccess[] = [];
    const watching = watchAccess(redis, PREFIX, (found) => heard.push(found));
    closers.push(watching.stop);
    return { ...watching, heard, redis };
  }

  test('is used as soon as the grant is made, without a new connection', async () => {
    await grant(...ALL, '-publish');
    const { heard, known, proves } = watch();
    await vi.waitUntil(() => heard.length === 1, WAIT);
    expect(known()).toMatchObject({ usable: false, kind: 'forbidden' });
    expect(await proves()).toBe(false);
    await admin.acl('SETUSER', 'app', '+publish');
    await vi.waitUntil(() => heard.length === 2, WAIT);
    expect(heard[1]).toMatchObject({ usable: true });
    await vi.waitUntil(proves, WAIT);
  });

  test('reports a revoked permission at the next readiness check, once', async () => {
    await grant(...ALL);
    const { heard, proves } = watch();
    await vi.waitUntil(() => heard.length === 1, WAIT);
    await vi.waitUntil(proves, WAIT);
    await admin.acl('SETUSER', 'app', '-publish', '-set');
    await vi.waitUntil(async () => !(await proves()), WAIT);
    await vi.waitUntil(() => heard.length === 2, WAIT);
    expect(heard[1]).toMatchObject({
      usable: false,
      why: expect.stringMatching(/may not run SET, PUBLISH\./),
    });
    await admin.acl('SETUSER', 'app', '+publish', '+set');
    await vi.waitUntil(() => heard.length === 3, WAIT);
    expect(heard[2]).toMatchObject({ usable: true });
  });

  test('is checked at once if something else was refused', async () => {
    await grant(...ALL);
    const { heard, suspect } = watch();
    await vi.waitUntil(() => heard.length === 1, WAIT);
    await admin.acl('SETUSER', 'app', '-bzpopmin');
    suspect(new Error('WRONGTYPE is a mistake of ours, and no reason to ask'));
    suspect(new Error("NOPERM this user has no permissions to run the 'bzpopmin' command"));
    await vi.waitUntil(() => heard.length === 2, WAIT);
    expect(heard[1]).toMatchObject({ usable: false, why: expect.stringContaining('BZPOPMIN') });
  });

  test('is checked again after a wrong password, logging it once', async () => {
    await grant(...ALL);
    await admin.acl('SETUSER', 'app', 'resetpass', '>another-one');
    const redis = connect();
    const { heard, proves } = watch(redis);
    const refused = vi.fn();
    redis.on('error', refused);
    await vi.waitUntil(() => refused.mock.calls.length > 2, WAIT);
    expect(await proves()).toBe(false);
    await admin.acl('SETUSER', 'app', '>app-password');
    await vi.waitUntil(() => heard.at(-1)?.usable === true, WAIT);
  });

  test('keeps existing connections when the password changes, and reconnects with the new user', async () => {
    await grant(...ALL);
    const { heard, proves, suspect, redis } = watch();
    await vi.waitUntil(() => heard.length === 1, WAIT);
    await admin.acl('SETUSER', 'app', 'resetpass', '>another-one');
    suspect(new Error("NOPERM this user has no permissions to run the 'get' command"));
    await vi.waitUntil(proves, WAIT);
    await admin.acl('DELUSER', 'app');
    await vi.waitUntil(() => redis.status !== 'ready', WAIT);
    await vi.waitUntil(async () => !(await proves()), WAIT);
    await grant(...ALL);
    await vi.waitUntil(proves, WAIT);
  });

  test('is disconnected if it is a replica, and not ready', async () => {
    await grant(...ALL);
    const { heard, proves, redis } = watch();
    await vi.waitUntil(() => heard.length === 1, WAIT);
    const closed = new Promise((resolve) => redis.once('close', resolve));
    await admin.replicaof('127.0.0.1', '1');
    try {
      await vi.waitUntil(async () => !(await proves()), WAIT);
      await closed;
      await vi.waitUntil(() => heard.at(-1)?.usable === false, WAIT);
    } finally {
      await admin.replicaof('NO', 'ONE');
    }
    await vi.waitUntil(proves, WAIT);
  });

  test('is written to at most once a second, however many check', async () => {
    await grant(...ALL);
    const { heard, proves } = watch();
    await vi.waitUntil(() => heard.length === 1, WAIT);
    const calls = async () =>
      Number(/cmdstat_eval(?:sha)?:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1]);
    await vi.waitUntil(proves, WAIT);
    await admin.config('RESETSTAT');
    await Promise.all(Array.from({ length: 50 }, proves));
    expect((await calls()) || 0).toBeLessThanOrEqual(1);
    await vi.waitUntil(proves, WAIT);
  });
});

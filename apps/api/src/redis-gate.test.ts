import type { RedisClient } from '@handover/core/queue';
import { describe, expect, test } from 'vitest';
import { isRedisFailure, isRedisFull } from './redis-failures.ts';
import { createMemoryGuard, isNearlyFull } from './redis-gate.ts';

const info = (used: number, limit: number) => `# Memory\r\nused_memory:${used}\r\nmaxmemory:${limit}\r\n`;

test.each([
  [info(901, 1000), true],
  [info(900, 1000), false],
  [info(10 ** 12, 0), false],
  ['', false],
])('%j is nearly full: %s', (text, full) => {
  expect(isNearlyFull(text)).toBe(full);
});

describe('the memory guard', () => {
  function setUp(replies: (() => Promise<string>)[]) {
    let now = 0;
    let asked = 0;
    const redis = { info: () => replies[asked++]?.() } as unknown as RedisClient;
    const guard = createMemoryGuard(redis, () => now);
    return { guard, asked: () => asked, pass: (ms: number) => (now += ms) };
  }
  const full = async () => info(95, 100);
  const free = async () => info(5, 100);

  test('looks at most once a second, however many ask', async () => {
    const { guard, asked, pass } = setUp([free, full]);
    await Promise.all([guard.refuseWhenFull(), guard.refuseWhenFull()]);
    pass(999);
    await guard.refuseWhenFull();
    expect(asked()).toBe(1);
    pass(1);
    await expect(guard.refuseWhenFull()).rejects.toMatchObject({ code: 'redis-full' });
    await expect(guard.refuseWhenFull()).rejects.toMatchObject({ code: 'redis-full' });
    expect(asked()).toBe(2);
  });

  test('looks again after a look that failed', async () => {
    const lost = async () => {
      throw new Error('Connection is closed.');
    };
    const { guard } = setUp([lost, free]);
    await expect(guard.refuseWhenFull()).rejects.toThrow('Connection is closed.');
    await expect(guard.refuseWhenFull()).resolves.toBeUndefined();
  });
});

describe('an error', () => {
  const coded = (code: string) => Object.assign(new Error('connect'), { code });
  const aborted = Object.assign(new Error('EXECABORT Transaction discarded because of previous errors.'), {
    previousErrors: [new Error("OOM command not allowed when used memory > 'maxmemory'.")],
  });

  test.each([
    [new Error('Command timed out'), true],
    [new Error('Connection is closed.'), true],
    [new Error("Stream isn't writeable and enableOfflineQueue options is false"), true],
    [new Error('LOADING Redis is loading the dataset in memory'), true],
    [new Error("READONLY You can't write against a read only replica."), true],
    [coded('ECONNREFUSED'), true],
    [new Error('WRONGTYPE Operation against a key holding the wrong kind of value'), false],
    [new TypeError('x is not a function'), false],
    ['Connection is closed.', false],
  ])('%s is a lost Redis: %s', (error, lost) => {
    expect(isRedisFailure(error)).toBe(lost);
  });

  test.each([
    [new Error("OOM command not allowed when used memory > 'maxmemory'."), true],
    [new Error('ERR Error running script: @user_script:1: OOM command not allowed when used memory'), true],
    [aborted, true],
    [new Error('Command timed out'), false],
    [undefined, false],
  ])('%s is a full Redis: %s', (error, full) => {
    expect(isRedisFull(error)).toBe(full);
  });
});

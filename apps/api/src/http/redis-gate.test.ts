import type { RedisClient } from '@handover/core/redis';
import { describe, expect, test } from 'vitest';
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

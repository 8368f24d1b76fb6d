import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type {} from 'vitest';
import type { TestProject } from 'vitest/node';
import { provideRedis } from '../../scripts/redis.mjs';
import { redisInContainer } from './container-redis.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The Redis that all tests share: use your own keys. */
    redisUrl: string;
  }
}

/** Finds a Redis for the tests, says which, and hands its URL to them; gives the step that stops it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), 'handover-test-redis-'));
  const forget = () => rm(dir, { recursive: true, force: true });
  const root = resolve(import.meta.dirname, '../..');
  try {
    const redis = await provideRedis({ root, log: console.log, server: { dir }, engine: redisInContainer });
    console.log(`Redis for the tests: ${redis.how}`);
    project.provide('redisUrl', redis.url);
    return async () => {
      await redis.stop();
      await forget();
    };
  } catch (error) {
    await forget();
    throw error;
  }
}

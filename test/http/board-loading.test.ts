import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { connected, startApi, type TestApi } from './start-api.ts';

const trouble = vi.hoisted(() => ({ isThere: true }));
vi.mock('../../apps/api/src/operators/board.ts', async (original) => {
  const real = (await original()) as { createBoard: (...all: unknown[]) => Promise<unknown> };
  return {
    createBoard: async (...all: unknown[]) => {
      if (trouble.isThere) throw Object.assign(new Error('too many open files'), { code: 'EMFILE' });
      return real.createBoard(...all);
    },
  };
});

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ redisUrl: inject('redisUrl') });
  await connected(api);
});
afterAll(() => api.close());

test('the next request retries a board that failed to load', async () => {
  expect((await api.app.inject('/admin/queues')).statusCode).toBe(500);
  trouble.isThere = false;
  expect((await api.app.inject('/admin/queues')).statusCode).toBe(200);
});

test('a board that cannot be loaded does not block closing the API', async () => {
  trouble.isThere = true;
  const other = await startApi({ redisUrl: inject('redisUrl') });
  await connected(other);
  expect((await other.app.inject('/admin/queues')).statusCode).toBe(500);
  await expect(other.close()).resolves.toBeUndefined();
});

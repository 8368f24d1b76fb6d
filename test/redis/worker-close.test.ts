import { setImmediate as turn } from 'node:timers/promises';
import { bullConnection, closeWorker, connectRedis, type RedisClient } from '@handover/core/redis';
import { Worker } from 'bullmq';
import { expect, inject, test } from 'vitest';

test.each(['reconnecting', 'connect', 'ready'])(
  'closes while its blocking connection is: %s',
  async (status) => {
    const redis = connectRedis({ url: inject('redisUrl') }, 'wait', 'test').on('error', () => undefined);
    const worker = new Worker('q', async () => undefined, {
      ...bullConnection(redis),
      prefix: `{t-${crypto.randomUUID().slice(0, 8)}}`,
    }).on('error', () => undefined);
    await worker.waitUntilReady();
    const blocked = (await worker.backend.blockingClient) as unknown as RedisClient;
    if (status !== 'ready') blocked.disconnect(true);
    while (blocked.status !== status) await turn();
    await closeWorker(worker, AbortSignal.timeout(60_000));
    redis.disconnect();
    expect(blocked.status).toBe('end');
  },
  60_000,
);

test('closes without Redis once it is told to give up', async () => {
  const redis = connectRedis({ url: 'redis://127.0.0.1:1' }, 'wait', 'test').on('error', () => undefined);
  const worker = new Worker('q', async () => undefined, bullConnection(redis)).on('error', () => undefined);
  await closeWorker(worker, AbortSignal.abort());
  redis.disconnect();
  expect(worker.closing).toBeDefined();
}, 60_000);

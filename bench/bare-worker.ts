import { createServer } from 'node:http';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';

/** The least that works a queue off: a BullMQ worker whose job does nothing, as many at once as ours. */
const redis = new Redis(process.env.REDIS_URL ?? '', { maxRetriesPerRequest: null });
const worker = new Worker('bare', async () => {}, {
  connection: redis,
  prefix: process.env.QUEUE_PREFIX ?? 'bull',
  concurrency: 50,
});
const probe = createServer((_request, response) => response.end('ready'));
probe.listen(Number(process.env.PORT), '127.0.0.1');

process.once('SIGTERM', async () => {
  await worker.close();
  probe.close();
  redis.disconnect();
});

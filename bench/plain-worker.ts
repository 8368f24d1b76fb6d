import { createServer } from 'node:http';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';

/**
 * A BullMQ worker as in its documentation, with our concurrency, for the queue of `bare-route.ts`.
 * It listens on `PORT`, answers `/readyz`, and exits on SIGTERM.
 */
export function startPlainWorker<Job>(work: (data: Job) => Promise<void>): void {
  const redis = new Redis(process.env.REDIS_URL ?? '', { maxRetriesPerRequest: null });
  const worker = new Worker<Job>('bare', (job) => work(job.data), {
    connection: redis,
    prefix: process.env.QUEUE_PREFIX ?? 'bull',
    concurrency: 50,
  });
  worker.on('failed', (_job, error) => console.error(error));
  const probe = createServer((_request, response) => response.end('ready'));
  probe.listen(Number(process.env.PORT), '127.0.0.1');

  process.once('SIGTERM', async () => {
    await worker.close();
    probe.close();
    redis.disconnect();
  });
}

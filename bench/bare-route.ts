import { Queue } from 'bullmq';
import fastify from 'fastify';
import { Redis } from 'ioredis';

/** The minimum that accepts an event: a Fastify route that only calls `queue.add`. */
const redis = new Redis(process.env.REDIS_URL ?? '', { maxRetriesPerRequest: null });
const queue = new Queue('bare', { connection: redis, prefix: process.env.QUEUE_PREFIX ?? 'bull' });

const app = fastify();
app.get('/readyz', async () => 'ready');
app.post('/events', async (request) => {
  const job = await queue.add('event', request.body);
  return { id: job.id };
});

process.once('SIGTERM', async () => {
  await app.close();
  await queue.close();
  redis.disconnect();
});
await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });

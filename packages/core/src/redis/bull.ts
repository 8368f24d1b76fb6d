import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectionOptions, RedisConnection, type Worker } from 'bullmq';
import type { RedisClient } from './connection.ts';

// What BullMQ takes a Redis for whose version it does not ask: the oldest that our own check lets through.
RedisConnection.minimumVersion = '6.2.0';

/**
 * How every queue and worker of BullMQ uses this connection. BullMQ would ask for the version once, at its start, and be
 * of no use for ever where that fails: a right that is missing, a password that is wrong for a moment. Our check asks.
 */
export function bullConnection(redis: RedisClient) {
  return { connection: redis as ConnectionOptions, skipVersionCheck: true } as const;
}

const LOOK_EVERY_MS = 20;

/**
 * Closes a worker once its jobs have ended. BullMQ waits for its blocking connection to end, which ioredis never reports of one
 * that is about to reconnect, so this waits until it has. `giveUp`: close without Redis, and without waiting for jobs.
 */
export async function closeWorker(
  worker: Pick<Worker, 'pause' | 'backend' | 'close'>,
  giveUp: AbortSignal,
): Promise<void> {
  // No further job is taken meanwhile.
  await worker.pause(true);
  let status: () => string = () => 'connecting';
  void worker.backend.blockingClient?.then((blocked) => {
    status = () => (blocked as unknown as RedisClient).status;
  });
  const isSettled = () => status() === 'ready' || status() === 'end';
  while (!isSettled() && !giveUp.aborted) await sleep(LOOK_EVERY_MS);
  await worker.close(!isSettled());
}

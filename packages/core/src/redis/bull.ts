import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectionOptions, RedisConnection, type Worker } from 'bullmq';
import type { RedisClient } from './connection.ts';

// The version that BullMQ assumes when it skips its own check: the oldest that our check accepts.
RedisConnection.minimumVersion = '6.2.0';

/**
 * The connection options of every BullMQ queue and worker. BullMQ checks the version only once; if that fails, for a missing
 * permission or a wrong password, it stays unusable. Our own check replaces it.
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

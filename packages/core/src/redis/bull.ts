import { type ConnectionOptions, RedisConnection } from 'bullmq';
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

import { type ConnectionOptions, RedisConnection } from 'bullmq';
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

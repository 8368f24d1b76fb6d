import type { Destination } from '@handover/core/billing';
import type { Config } from '@handover/core/config';
import { createHttpDestination, createPostgresDestination } from '@handover/core/destinations';
import type { RedisClock } from '@handover/core/redis';
import type { Logger } from 'pino';

const DATABASE_CONNECTIONS = 10;
const DATABASE_TIMEOUT_MS = 5_000;
const HTTP_TIMEOUT_MS = 10_000;

export type OpenDestination = Destination & { close(): void | Promise<void> };

/** The destinations that are configured. The caller closes them. */
export function openDestinations(
  { url, secret, databaseUrl }: Config['billing'],
  { now }: RedisClock,
  log: Logger,
): OpenDestination[] {
  const destinations: OpenDestination[] = [];
  if (url !== undefined)
    destinations.push(
      createHttpDestination({ url, secret, timeoutMs: HTTP_TIMEOUT_MS, onRequest: () => {}, now }),
    );
  if (databaseUrl !== undefined)
    destinations.push(
      createPostgresDestination({
        url: databaseUrl,
        connections: DATABASE_CONNECTIONS,
        timeoutMs: DATABASE_TIMEOUT_MS,
        onError: (error) => log.warn({ err: error }, 'billing.database-failed'),
      }),
    );
  return destinations;
}

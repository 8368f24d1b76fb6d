import { resolve } from 'node:path';
import { inject } from 'vitest';
import { startFoundPostgres } from './find-postgres.ts';
import type { PostgresServer } from './postgres-server.ts';

/**
 * Starts the test's own PostgreSQL server, which it may kill and restart: found as for every test, but without
 * `TEST_DATABASE_URL` and containers. Returns undefined without a server program, and logs why unless the
 * setup did.
 */
export async function startOwnPostgres(): Promise<PostgresServer | undefined> {
  if (inject('noDatabase') !== '') return undefined;
  const root = resolve(import.meta.dirname, '../..');
  try {
    return await startFoundPostgres({ root, log: console.log });
  } catch (error) {
    const why = (error as Error).message;
    console.log(`Skipped: a test wants a PostgreSQL server of its own, to kill and restart it. ${why}`);
    return undefined;
  }
}

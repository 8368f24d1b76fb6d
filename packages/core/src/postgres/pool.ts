import { DatabaseError, Pool } from 'pg';
import { migrate, type Schema } from './migrate.ts';

export type PoolOptions = {
  url: string;
  /** Connections at once in this process. */
  connections: number;
  /** The time-out of a statement and of a connect, in ms. */
  timeoutMs: number;
  onError: (error: Error) => void;
  /** As `application_name` in PostgreSQL. */
  name?: string | undefined;
};

const UNDEFINED_TABLE = '42P01';
/** SQLSTATE classes for invalid values, for which a retry is useless. */
const FINAL_CLASSES = new Set(['22', '23']);

/**
 * A pool whose tables are created and migrated before the first use. The caller closes it. It uses no session state, so that it
 * works with a pooler in transaction mode.
 */
export function openDatabase(
  { url, connections, timeoutMs, onError, name = 'handover-worker' }: PoolOptions,
  schema: Schema,
) {
  const pool = new Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    keepAlive: true,
    application_name: name,
  });
  // An idle connection that breaks does no harm: the next query opens another.
  pool.on('error', onError);
  let migrated: Promise<void> | undefined;

  function migrateOnce(): Promise<void> {
    migrated ??= migrate(pool, schema).catch((error: Error) => {
      migrated = undefined;
      throw error;
    });
    return migrated;
  }

  return {
    /** Runs a statement and returns its rows. Throws what PostgreSQL reports. */
    async query<Row extends Record<string, unknown>>(text: string, values: unknown[]): Promise<Row[]> {
      await migrateOnce();
      try {
        // Not a named statement: behind PgBouncer the next transaction may use another session.
        return (await pool.query<Row>(text, values)).rows;
      } catch (error) {
        // The tables are missing, for example after a restore: migrate again.
        if (error instanceof DatabaseError && error.code === UNDEFINED_TABLE) migrated = undefined;
        throw error;
      }
    },
    close: () => pool.end(),
  };
}

/** Whether PostgreSQL will never take these values. */
export function isFinal(error: unknown): boolean {
  return error instanceof DatabaseError && FINAL_CLASSES.has((error.code ?? '').slice(0, 2));
}

/** The cause without values: a message of PostgreSQL may quote them, so of its errors only the code is told. */
export function causeOf(error: unknown): string {
  const { code = '', message } = error as { code?: string; message: string };
  return error instanceof DatabaseError ? `PostgreSQL answered ${code}` : `PostgreSQL: ${code || message}`;
}

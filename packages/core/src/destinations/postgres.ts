import { DatabaseError, Pool } from 'pg';
import type { DeliveryAnswer } from '../billing/deliver.ts';
import type { Bill } from '../billing/words.ts';
import type { DestinationParts, DestinationSettings, OpenDestination } from './destination.ts';
import { migrate } from './migrations.ts';

export type PostgresDestinationOptions = {
  url: string;
  /** Connections at once in this process. */
  connections: number;
  /** The time-out of a statement and of a connect, in ms. */
  timeoutMs: number;
  onError: (error: Error) => void;
};

const CONNECTIONS = 10;
const TIMEOUT_MS = 5_000;

export function openPostgres(
  { databaseUrl: url }: DestinationSettings,
  { onError }: DestinationParts,
): OpenDestination | undefined {
  if (url === undefined) return undefined;
  return createPostgresDestination({ url, connections: CONNECTIONS, timeoutMs: TIMEOUT_MS, onError });
}

const INSERT = `
  INSERT INTO handover_billing_records
    (id, event_id, call_id, transfer_type, target_id, target_type, occurred_at, billing_code, transfer_id, metadata, synthesized)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
  ON CONFLICT (id) DO NOTHING`;

/**
 * Inserts bills into a PostgreSQL table, which it creates and migrates before the first one. The caller closes it. It uses no
 * session state, so that it works with a pooler in transaction mode.
 */
export function createPostgresDestination(options: PostgresDestinationOptions): OpenDestination {
  const { url, connections, timeoutMs, onError } = options;
  const pool = new Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    keepAlive: true,
    application_name: 'handover-worker',
  });
  // An idle connection that breaks does no harm: the next query opens another.
  pool.on('error', onError);
  let migrated: Promise<void> | undefined;

  function migrateOnce(): Promise<void> {
    migrated ??= migrate(pool).catch((error: Error) => {
      migrated = undefined;
      throw error;
    });
    return migrated;
  }

  return {
    name: 'postgres',
    async deliver(bill) {
      try {
        await migrateOnce();
        // Not a named statement: behind PgBouncer the next transaction may use another session.
        await pool.query(INSERT, row(bill));
        return { delivered: true };
      } catch (error) {
        // The tables are missing, for example after a restore: migrate again.
        if (error instanceof DatabaseError && error.code === UNDEFINED_TABLE) migrated = undefined;
        return toAnswer(error);
      }
    },
    close: () => pool.end(),
  };
}

function row(bill: Bill): unknown[] {
  const { id, eventId, callId, transferType, target, timestamp, billingCode, transferId, metadata } = bill;
  return [
    id,
    eventId,
    callId,
    transferType,
    target.id,
    target.type ?? null,
    timestamp,
    billingCode,
    transferId ?? null,
    metadata === undefined ? null : JSON.stringify(storable(metadata)),
    bill.synthesized === true,
  ];
}

/** Replaces NUL and lone surrogates, which PostgreSQL's text cannot store. */
function storable(metadata: Record<string, string>): Record<string, string> {
  const clean = (text: string) => Buffer.from(text).toString().replaceAll('\0', '\ufffd');
  return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [clean(name), clean(value)]));
}

const UNDEFINED_TABLE = '42P01';
/** SQLSTATE classes for invalid values, for which a retry is useless. */
const FINAL_CLASSES = new Set(['22', '23']);

function toAnswer(error: unknown): DeliveryAnswer {
  const { code = '', message } = error as { code?: string; message: string };
  const isFinal = error instanceof DatabaseError && FINAL_CLASSES.has(code.slice(0, 2));
  // A message of PostgreSQL may quote values of the bill, so report only its code.
  const detail =
    error instanceof DatabaseError ? `PostgreSQL answered ${code}` : `PostgreSQL: ${code || message}`;
  return { delivered: false, kind: isFinal ? 'refused' : 'trouble', detail };
}

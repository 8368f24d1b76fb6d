import type { Pool, PoolClient } from 'pg';

/** Each runs once, in this order. Never change one; append new ones. */
const migrations = [
  `CREATE TABLE handover_billing_records (
     id            text PRIMARY KEY,
     event_id      text NOT NULL,
     call_id       text NOT NULL,
     transfer_type text NOT NULL,
     target_id     text NOT NULL,
     target_type   text,
     occurred_at   timestamptz NOT NULL,
     billing_code  text NOT NULL,
     transfer_id   text,
     metadata      jsonb,
     synthesized   boolean NOT NULL DEFAULT false,
     stored_at     timestamptz NOT NULL DEFAULT now()
   );
   CREATE INDEX handover_billing_records_occurred_at ON handover_billing_records (occurred_at);
   CREATE INDEX handover_billing_records_call_id ON handover_billing_records (call_id);`,
];

/** An arbitrary lock id that other programs are unlikely to use. */
const LOCK = 4_812_207_591;

/**
 * Migrates the tables; safe when processes run it concurrently: under an advisory lock, in one transaction, since a pooler in
 * transaction mode keeps no session. Throws what PostgreSQL reports.
 */
export async function migrate(pool: Pool): Promise<void> {
  const client = await pool.connect();
  // A broken connection also fails its query, which reports it.
  client.on('error', ignore);
  let failure: Error | undefined;
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    await runMissing(client);
    await client.query('COMMIT');
  } catch (error) {
    failure = error as Error;
    throw error;
  } finally {
    client.off('error', ignore);
    // Discard the connection of a failed transaction.
    client.release(failure);
  }
}

function ignore(): void {}

async function runMissing(client: PoolClient): Promise<void> {
  // Not IF NOT EXISTS, which requires the CREATE privilege even if the table exists.
  const [table] = (await client.query("SELECT to_regclass('handover_migrations') AS found")).rows;
  if (table?.found === null)
    await client.query(
      'CREATE TABLE handover_migrations (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())',
    );
  const { rows } = await client.query<{ version: number }>('SELECT version FROM handover_migrations');
  const applied = new Set(rows.map(({ version }) => version));
  for (const [index, text] of migrations.entries()) {
    const version = index + 1;
    if (applied.has(version)) continue;
    await client.query(text);
    await client.query('INSERT INTO handover_migrations (version) VALUES ($1)', [version]);
  }
}

export type Standing = {
  /** Of our migrations, how many were applied; 0 without tables. */
  applied: number;
  newest: number;
  /** What the user may do: create the tables where they are missing, insert bills where they are there. */
  mayWrite: boolean;
  user: string;
};

/** Reads how far the tables are migrated; changes nothing. Throws what PostgreSQL reports. */
export async function readStanding(client: Pick<PoolClient, 'query'>): Promise<Standing> {
  await client.query('BEGIN READ ONLY');
  const found =
    "to_regclass('handover_migrations') IS NOT NULL AND to_regclass('handover_billing_records') IS NOT NULL";
  const [row] = (
    await client.query<{ found: boolean; user: string; creates: boolean | null }>(
      `SELECT ${found} AS found, current_user AS user, has_schema_privilege(current_schema(), 'CREATE') AS creates`,
    )
  ).rows;
  const { found: hasTables = false, user = '', creates = false } = row ?? {};
  const newest = migrations.length;
  if (!hasTables) return { applied: 0, newest, mayWrite: creates === true, user };
  const [tables] = (
    await client.query<{ applied: number; inserts: boolean }>(
      "SELECT max(version) AS applied, has_table_privilege('handover_billing_records', 'INSERT') AS inserts FROM handover_migrations",
    )
  ).rows;
  return { applied: tables?.applied ?? 0, newest, mayWrite: tables?.inserts === true, user };
}

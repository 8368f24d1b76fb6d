import type { Pool, PoolClient } from 'pg';

/** Each is run once, in this order; what is here never changes, what comes is added at the end. */
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

/** Any number that other programs are unlikely to lock. */
const LOCK = 4_812_207_591;

/**
 * Brings the tables up to date, also where several processes try at once: under one lock of the database, in one transaction,
 * which is all that a pooler in transaction mode keeps together. Throws what PostgreSQL says.
 */
export async function migrate(pool: Pool): Promise<void> {
  const client = await pool.connect();
  // A connection that breaks fails its query too, which is how it is heard of.
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
    // A connection in the middle of a failed transaction is thrown away.
    client.release(failure);
  }
}

function ignore(): void {}

async function runMissing(client: PoolClient): Promise<void> {
  // Not IF NOT EXISTS: that wants the right to create tables even where there is nothing to create.
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

import type { Pool, PoolClient } from 'pg';

/** Tables and how to make them. `statements`: each runs once, in this order; never change one, append new ones. */
export type Schema = {
  /** Where it is noted which statements ran. */
  versions: string;
  /** An arbitrary id that other programs are unlikely to use. */
  lock: number;
  statements: readonly string[];
};

/**
 * Migrates the tables; safe when processes run it concurrently: under an advisory lock, in one transaction, since a pooler in
 * transaction mode keeps no session. Throws what PostgreSQL reports.
 */
export async function migrate(pool: Pool, schema: Schema): Promise<void> {
  const client = await pool.connect();
  // A broken connection also fails its query, which reports it.
  client.on('error', ignore);
  let failure: Error | undefined;
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [schema.lock]);
    await runMissing(client, schema);
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

async function runMissing(client: PoolClient, { versions, statements }: Schema): Promise<void> {
  // Not IF NOT EXISTS, which requires the CREATE privilege even if the table exists.
  const [table] = (await client.query('SELECT to_regclass($1) AS found', [versions])).rows;
  if (table?.found === null)
    await client.query(
      `CREATE TABLE ${versions} (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())`,
    );
  const { rows } = await client.query<{ version: number }>(`SELECT version FROM ${versions}`);
  const applied = new Set(rows.map(({ version }) => version));
  for (const [index, text] of statements.entries()) {
    const version = index + 1;
    if (applied.has(version)) continue;
    await client.query(text);
    await client.query(`INSERT INTO ${versions} (version) VALUES ($1)`, [version]);
  }
}

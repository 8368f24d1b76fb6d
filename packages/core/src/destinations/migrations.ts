import type { PoolClient } from 'pg';
import type { Schema } from '../postgres/migrate.ts';

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

export const billingSchema: Schema = {
  versions: 'handover_migrations',
  lock: 4_812_207_591,
  statements: migrations,
};

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

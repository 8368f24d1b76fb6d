import type { ClientBase } from 'pg';
import type { Schema } from './migrate.ts';

export type Standing = {
  /** Of our migrations, the newest that was applied; 0 without tables. */
  applied: number;
  mayCreate: boolean;
  /** What the user may not do with the tables that are there. */
  lacks: { table: string; privileges: string[] }[];
  user: string;
};

/** Reads how far the tables are migrated, and what the user may do; changes nothing. Throws what PostgreSQL reports. */
export async function readStanding(
  client: ClientBase,
  { versions }: Schema,
  tables: Record<string, readonly string[]>,
): Promise<Standing> {
  await client.query('BEGIN READ ONLY');
  const names = [versions, ...Object.keys(tables)];
  const [row] = (
    await client.query<{ found: boolean; user: string; creates: boolean | null }>(
      `SELECT (SELECT bool_and(to_regclass(name) IS NOT NULL) FROM unnest($1::text[]) AS name) AS found,
         current_user AS user, has_schema_privilege(current_schema(), 'CREATE') AS creates`,
      [names],
    )
  ).rows;
  const { found = false, user = '', creates } = row ?? {};
  const standing = { mayCreate: creates === true, user };
  if (!found) return { ...standing, applied: 0, lacks: [] };

  const needed = Object.entries(tables).flatMap(([table, privileges]) =>
    privileges.map((privilege) => ({ table, privilege })),
  );
  const { rows } = await client.query<{ table: string; privileges: string[] }>(
    `SELECT "table", array_agg(privilege) AS privileges FROM jsonb_to_recordset($1::jsonb) AS needed("table" text, privilege text)
     WHERE NOT has_table_privilege("table", privilege) GROUP BY 1 ORDER BY 1`,
    [JSON.stringify(needed)],
  );
  const [newest] = (
    await client.query<{ applied: number }>(`SELECT max(version) AS applied FROM ${versions}`)
  ).rows;
  return { ...standing, applied: newest?.applied ?? 0, lacks: rows };
}

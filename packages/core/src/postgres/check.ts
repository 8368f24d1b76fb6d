import { type Finding, failed, ok } from '../checks/check.ts';
import { hostOf, noConnection } from '../checks/connection.ts';
import type { Schema } from './migrate.ts';
import { readStanding } from './standing.ts';

export type DatabaseNeeds = {
  /** Where its URL is configured. */
  variable: string;
  schema: Schema;
  /** The privileges that are needed once the tables are there, by table. */
  tables: Record<string, readonly string[]>;
  timeoutMs: number;
};

/** Finds out whether a database can be used: whether its tables are there, or can be made, and may be written. Writes nothing. */
export async function checkDatabase(
  url: string,
  { variable, schema, tables, timeoutMs }: DatabaseNeeds,
): Promise<Finding> {
  const { Client } = await import('pg');
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    application_name: 'handover-doctor',
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { applied, mayCreate, lacks, user } = await readStanding(client, schema, tables);
    const newest = schema.statements.length;
    const host = hostOf(url) || 'PostgreSQL';
    if (applied > newest)
      return failed(
        `the tables at ${host} are of a newer version (${applied}, and this one knows ${newest})`,
        'run the newer version of Handover',
      );
    if (applied === 0 && !mayCreate)
      return failed(
        `the user ${user} may not create the tables at ${host}`,
        `GRANT CREATE ON SCHEMA public TO "${user}"`,
      );
    const missing = lacks.map(({ table, privileges }) => `${privileges.join(', ')} ON ${table}`);
    if (missing.length > 0)
      return failed(
        `the user ${user} lacks ${missing.join('; ')} at ${host}`,
        missing.map((one) => `GRANT ${one} TO "${user}"`).join('; '),
      );
    if (applied === newest) return ok(`${host} has the tables (version ${applied})`);
    return ok(`${host} can be used; a worker brings the tables from version ${applied} to ${newest}`);
  } catch (error) {
    return explain(error as Error & { code?: string }, url, variable);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** A message of PostgreSQL may quote what it was given, so only its code is shown. */
function explain({ code, message }: Error & { code?: string }, url: string, variable: string): Finding {
  const { username, pathname } = new URL(url);
  const host = hostOf(url) || 'PostgreSQL';
  const user = decodeURIComponent(username);
  switch (code) {
    case '28P01':
      return failed(`${host} refuses the password of ${user}`, `correct the password in ${variable}`);
    case '28000':
      return failed(
        `${host} does not let ${user} in from here`,
        `correct the user in ${variable}, or pg_hba.conf`,
      );
    case '3D000':
      return failed(
        `${host} has no database ${pathname.slice(1)}`,
        `create it, or correct the name in ${variable}`,
      );
    case '53300':
      return failed(`${host} has no connection left`, 'raise max_connections, or use a pooler');
  }
  if (code !== undefined && /^[\dA-Z]{5}$/.test(code) && /\d/.test(code))
    return failed(
      `${host}: PostgreSQL answered ${code}`,
      'look the code up in the manual of PostgreSQL, appendix A',
    );
  const why = code ?? (/timeout/i.test(message) ? 'ETIMEDOUT' : message);
  return noConnection({ url, correct: `correct ${variable}` }, why);
}

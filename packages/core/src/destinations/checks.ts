import { type Check, type Finding, failed, ok, skipped } from '../checks/check.ts';
import { checkConnection, hostOf, noConnection } from '../checks/connection.ts';
import type { DestinationSettings } from './destination.ts';

const CONNECT_MS = 5_000;

/** The checks of the destinations: that each can be reached, and used. They send no bill and write nothing. */
export function destinationChecks({ url, databaseUrl }: DestinationSettings): Check[] {
  return [
    {
      id: 'billing-http',
      what: 'Billing over HTTP',
      run: async () =>
        url === undefined
          ? skipped('BILLING_URL is not set')
          : checkConnection({ url, correct: 'correct BILLING_URL' }, CONNECT_MS),
    },
    {
      id: 'billing-database',
      what: 'Billing database',
      run: async () =>
        databaseUrl === undefined ? skipped('BILLING_DATABASE_URL is not set') : checkDatabase(databaseUrl),
    },
  ];
}

async function checkDatabase(url: string): Promise<Finding> {
  const { Client } = await import('pg');
  const { readStanding } = await import('./migrations.ts');
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: CONNECT_MS,
    application_name: 'handover-doctor',
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { applied, newest, mayWrite, user } = await readStanding(client as never);
    const host = hostOf(url) || 'PostgreSQL';
    if (applied > newest)
      return failed(
        `the tables at ${host} are of a newer version (${applied}, and this one knows ${newest})`,
        'run the newer version of Handover',
      );
    if (!mayWrite && applied === 0)
      return failed(
        `the user ${user} may not create the tables at ${host}`,
        `GRANT CREATE ON SCHEMA public TO "${user}"`,
      );
    if (!mayWrite)
      return failed(
        `the user ${user} may not insert bills at ${host}`,
        `GRANT INSERT ON handover_billing_records TO "${user}"`,
      );
    if (applied === newest) return ok(`${host} has the tables (version ${applied})`);
    return ok(`${host} can be used; a worker brings the tables from version ${applied} to ${newest}`);
  } catch (error) {
    return explain(error as Error & { code?: string }, url);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** A message of PostgreSQL may quote what it was given, so only its code is shown. */
function explain({ code, message }: Error & { code?: string }, url: string): Finding {
  const { username, pathname } = new URL(url);
  const host = hostOf(url) || 'PostgreSQL';
  const user = decodeURIComponent(username);
  switch (code) {
    case '28P01':
      return failed(
        `${host} refuses the password of ${user}`,
        'correct the password in BILLING_DATABASE_URL',
      );
    case '28000':
      return failed(
        `${host} does not let ${user} in from here`,
        'correct the user in BILLING_DATABASE_URL, or pg_hba.conf',
      );
    case '3D000':
      return failed(
        `${host} has no database ${pathname.slice(1)}`,
        'create it, or correct the name in BILLING_DATABASE_URL',
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
  return noConnection({ url, correct: 'correct BILLING_DATABASE_URL' }, why);
}

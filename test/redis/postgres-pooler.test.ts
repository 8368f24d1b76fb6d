import { randomUUID } from 'node:crypto';
import type { Bill } from '@handover/core/billing';
import { Client, Pool } from 'pg';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { createPostgresDestination } from '../../packages/core/src/destinations/postgres.ts';
import { type Database, openDatabase } from '../support/postgres.ts';
import { ask } from '../support/postgres-server.ts';
import { startTransactionPooler } from '../support/transaction-pooler.ts';

const STORED = 'SELECT id FROM handover_billing_records ORDER BY id';

let database: Database;
let pooler: Awaited<ReturnType<typeof startTransactionPooler>>;
let open: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  database = await openDatabase();
  pooler = await startTransactionPooler(database.url);
});
afterEach(async () => {
  await Promise.all(open.map((close) => close()));
  open = [];
  await pooler.close();
  await database.close();
});

const billOf = (): Bill => ({
  ...{ id: `event-${randomUUID()}`, eventId: 'e-1', callId: 'call-1', transferType: 'blind' },
  ...{ target: { id: 'support' }, timestamp: '2026-11-22T10:00:00.123Z', billingCode: 'TRANSFER_BLIND' },
});
function destination() {
  const made = createPostgresDestination({
    url: pooler.url,
    connections: 5,
    timeoutMs: 5_000,
    onError: () => undefined,
  });
  open.push(() => made.close());
  return made;
}

describe.skipIf(inject('noDatabase') !== '')('a pooler that gives each transaction another session', () => {
  test('creates the tables once and stores every bill of concurrent workers', async () => {
    const destinations = Array.from({ length: 3 }, destination);
    const bills = Array.from({ length: 60 }, billOf);
    const answers = await Promise.all(
      bills.map((bill, index) => destinations[index % 3]?.deliver(bill, new AbortController().signal)),
    );
    expect(answers).toEqual(bills.map(() => ({ delivered: true })));
    const stored = (await ask(database.url, STORED)).map(({ id }) => id);
    expect(stored).toEqual(bills.map(({ id }) => id).sort());
    expect(await ask(database.url, 'SELECT version FROM handover_migrations')).toEqual([{ version: 1 }]);
    expect(pooler.transactions()).toBeGreaterThanOrEqual(bills.length);
  });

  test('leaves no named statement, lock or setting in the sessions', async () => {
    await Promise.all(Array.from({ length: 8 }, () => destination().deliver(billOf(), AbortSignal.abort())));
    const left = `SELECT (SELECT count(*)::int FROM pg_prepared_statements) AS statements,
      (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory') AS locks,
      (SELECT count(*)::int FROM pg_settings WHERE source = 'session') AS settings,
      (SELECT count(*)::int FROM pg_listening_channels()) AS channels`;
    const fresh = await ask(database.url, left);
    const client = new Client({ connectionString: pooler.url });
    await client.connect();
    open.push(() => client.end());
    for (let session = 0; session < 2; session += 1) expect((await client.query(left)).rows).toEqual(fresh);
  });

  test('fails named statements, so that these tests would detect them', async () => {
    const pool = new Pool({ connectionString: pooler.url, max: 5 });
    open.push(() => pool.end());
    const named = () => pool.query({ name: 'one', text: 'SELECT $1::int', values: [1] });
    const results = await Promise.allSettled(Array.from({ length: 20 }, named));
    const codes = results.map((result) => (result.status === 'rejected' ? result.reason.code : undefined));
    expect(new Set(codes.filter(Boolean)).size).toBeGreaterThan(0);
    for (const code of codes) expect([undefined, '42P05', '26000']).toContain(code);
  });
});

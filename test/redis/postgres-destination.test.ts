import { randomUUID } from 'node:crypto';
import type { Bill, DeliveryAnswer } from '@handover/core/billing';
import { Client } from 'pg';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  inject,
  onTestFinished,
  test,
} from 'vitest';
import {
  createPostgresDestination,
  type PostgresDestinationOptions,
} from '../../packages/core/src/destinations/postgres.ts';
import { startOwnPostgres } from '../support/own-postgres.ts';
import { type Database, openDatabase } from '../support/postgres.ts';
import { ask } from '../support/postgres-server.ts';

const BILLS = 'SELECT * FROM handover_billing_records ORDER BY id';
const VERSIONS = 'SELECT version FROM handover_migrations ORDER BY version';
const OURS = `FROM pg_stat_activity WHERE application_name = 'handover-worker' AND datname = current_database()`;

let database: Database;
let open: (() => Promise<void>)[] = [];
let errors: Error[] = [];

function destinationAt(url: string, given: Partial<PostgresDestinationOptions> = {}) {
  const onError = (error: Error) => errors.push(error);
  const made = createPostgresDestination({ url, connections: 4, timeoutMs: 5_000, onError, ...given });
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= made.close();
    return closed;
  };
  open.push(close);
  return { deliver: (bill: Bill) => made.deliver(bill, new AbortController().signal), close };
}
async function closeAll(): Promise<void> {
  await Promise.all(open.map((close) => close()));
  open = [];
  errors = [];
}

const billOf = (given: Partial<Bill> = {}): Bill => ({
  ...{ id: `event-${randomUUID()}`, eventId: 'e-1', callId: 'call-1', transferType: 'blind' },
  ...{ target: { id: 'support' }, timestamp: '2026-11-22T10:00:00.123Z', billingCode: 'TRANSFER_BLIND' },
  ...given,
});
const detailOf = (answer: DeliveryAnswer) => (answer.delivered ? '' : answer.detail);
const rows = () => ask(database.url, BILLS);
const delivered = { delivered: true };

/** Holds a lock in the database until the end of the test, or until released. */
async function hold(statement: string) {
  const client = new Client({ connectionString: database.url });
  client.on('error', () => undefined);
  await client.connect();
  open.push(() => client.end());
  await client.query(`BEGIN; ${statement}`);
  return { letGo: () => client.query('COMMIT') };
}
const untilSomebodyWaits = () =>
  expect
    .poll(() => ask(database.url, `SELECT 1 AS waits ${OURS} AND wait_event_type = 'Lock'`))
    .not.toEqual([]);

describe.skipIf(inject('noDatabase') !== '')('the tables of an empty database', () => {
  beforeEach(async () => {
    database = await openDatabase();
  });
  afterEach(async () => {
    await closeAll();
    await database.close();
  });

  test('are created once before the first bill, despite concurrent workers', async () => {
    const bills = Array.from({ length: 8 }, () => billOf());
    const answers = await Promise.all(bills.map((bill) => destinationAt(database.url).deliver(bill)));
    expect(answers).toEqual(bills.map(() => delivered));
    expect(await rows()).toHaveLength(8);
    expect(await ask(database.url, VERSIONS)).toEqual([{ version: 1 }]);
  });

  test('may be newer than this process expects', async () => {
    await destinationAt(database.url).deliver(billOf());
    await ask(
      database.url,
      `ALTER TABLE handover_billing_records ADD COLUMN cost numeric NOT NULL DEFAULT 5`,
    );
    await ask(database.url, 'INSERT INTO handover_migrations (version) VALUES (2), (3)');
    expect(await destinationAt(database.url).deliver(billOf())).toEqual(delivered);
    expect(await rows()).toMatchObject([{ cost: '5' }, { cost: '5' }]);
    expect(await ask(database.url, VERSIONS)).toEqual([{ version: 1 }, { version: 2 }, { version: 3 }]);
  });

  test('are created atomically, and retried with the next bill', async () => {
    await ask(database.url, 'CREATE TABLE handover_billing_records (id text)');
    const destination = destinationAt(database.url);
    const answer = await destination.deliver(billOf());
    expect(answer).toEqual({ delivered: false, kind: 'trouble', detail: 'PostgreSQL answered 42P07' });
    const [migrations] = await ask(database.url, `SELECT to_regclass('handover_migrations') AS found`);
    expect(migrations).toEqual({ found: null });
    await ask(database.url, 'DROP TABLE handover_billing_records');
    expect(await destination.deliver(billOf())).toEqual(delivered);
  });

  test('wait for another process to create them, up to the statement time-out', async () => {
    const { letGo } = await hold('SELECT pg_advisory_xact_lock(4812207591)');
    const destination = destinationAt(database.url, { timeoutMs: 100 });
    expect(await destination.deliver(billOf())).toMatchObject({ delivered: false, kind: 'trouble' });
    const patient = destinationAt(database.url).deliver(billOf());
    await untilSomebodyWaits();
    await letGo();
    expect(await patient).toEqual(delivered);
    await expect.poll(() => destination.deliver(billOf())).toEqual(delivered);
  });
});

describe.skipIf(inject('noDatabase') !== '')('with existing tables', () => {
  beforeAll(async () => {
    database = await openDatabase();
    await destinationAt(database.url).deliver(billOf());
  });
  beforeEach(() => ask(database.url, 'DELETE FROM handover_billing_records'));
  afterEach(closeAll);
  afterAll(() => database.close());

  describe('a bill', () => {
    test('is a row with all its fields', async () => {
      const bill = billOf({
        ...{ id: 'transfer-1', transferId: 'transfer-1', target: { id: 'ann', type: 'user' } },
        ...{ transferType: 'consult', billingCode: 'TRANSFER_CONSULT', metadata: { ticket: '4711' } },
        synthesized: true,
      });
      expect(await destinationAt(database.url).deliver(bill)).toEqual(delivered);
      expect(await rows()).toEqual([
        {
          ...{ id: 'transfer-1', event_id: 'e-1', call_id: 'call-1', transfer_type: 'consult' },
          ...{ target_id: 'ann', target_type: 'user', billing_code: 'TRANSFER_CONSULT' },
          ...{ occurred_at: new Date('2026-11-22T10:00:00.123Z'), transfer_id: 'transfer-1' },
          ...{ metadata: { ticket: '4711' }, synthesized: true, stored_at: expect.any(Date) },
        },
      ]);
    });

    test('has empty columns for missing fields', async () => {
      await destinationAt(database.url).deliver(billOf());
      const empty = { target_type: null, transfer_id: null, metadata: null, synthesized: false };
      expect(await rows()).toMatchObject([empty]);
    });

    test('delivered fifty times concurrently is one row, and every delivery succeeds', async () => {
      const bill = billOf();
      const destinations = Array.from({ length: 4 }, () => destinationAt(database.url));
      const deliveries = Array.from({ length: 50 }, (_, index) => destinations[index % 4]?.deliver(bill));
      expect(await Promise.all(deliveries)).toEqual(deliveries.map(() => delivered));
      expect(await rows()).toHaveLength(1);
    });

    test('with an existing id changes nothing', async () => {
      const destination = destinationAt(database.url);
      await destination.deliver(billOf({ id: 'b-1' }));
      const before = await rows();
      expect(await destination.deliver(billOf({ id: 'b-1', callId: 'call-2' }))).toEqual(delivered);
      expect(await rows()).toEqual(before);
    });

    test('may have ids of any valid length and content', async () => {
      const long = (first: string) => first + '🎧'.repeat(199);
      const ids = [long('a'), `'; DROP TABLE handover_billing_records; --`, '\\x00 %s $1 \u2028"'];
      const bills = ids.map((id) => billOf({ id, eventId: id, callId: id, target: { id } }));
      for (const bill of bills) expect(await destinationAt(database.url).deliver(bill)).toEqual(delivered);
      const found = (await rows()).map((row) => [row.id, row.event_id, row.call_id, row.target_id]);
      expect(found.sort()).toEqual(ids.map((id) => [id, id, id, id]).sort());
    });

    test.each<[string, Record<string, string>, Record<string, string>]>([
      ['none', {}, {}],
      ['empty text', { '': '' }, { '': '' }],
      ['NUL', { 'a\0b': '\0', c: 'd\0\0e' }, { 'a\ufffdb': '\ufffd', c: 'd\ufffd\ufffde' }],
      ['half a surrogate pair', { '\ud83d': 'x\udfa7y' }, { '\ufffd': 'x\ufffdy' }],
      ['whole pairs', { '🎧': '\u{10ffff}' }, { '🎧': '\u{10ffff}' }],
      ['escapes as text', { a: '\\u0000 \\ud800 \\\\ "' }, { a: '\\u0000 \\ud800 \\\\ "' }],
      ['control characters', { a: '\u0001\u001f\u007f\n\r\t' }, { a: '\u0001\u001f\u007f\n\r\t' }],
      ['names that JavaScript keeps', JSON.parse('{"__proto__":"x"}'), JSON.parse('{"__proto__":"x"}')],
      ['very much text', { a: 'ü'.repeat(1_000_000) }, { a: 'ü'.repeat(1_000_000) }],
    ])('may have unusual metadata: %s', async (_, metadata, stored) => {
      expect(await destinationAt(database.url).deliver(billOf({ metadata }))).toEqual(delivered);
      const [row] = await ask(database.url, 'SELECT metadata::text AS text FROM handover_billing_records');
      const found = JSON.parse(String(row?.text)) as object;
      expect(Object.entries(found).sort()).toEqual(Object.entries(stored).sort());
    });
  });

  describe('PostgreSQL refuses', () => {
    test.each<[string, string, Partial<Bill>]>([
      ['a time that is none', '22007', { timestamp: 'soon-4711' }],
      ['a NUL in an id', '22021', { callId: '4711\0' }],
      ['nothing where there must be something', '23502', { eventId: undefined as unknown as string }],
    ])('permanently for %s (%s), without revealing the values', async (_, code, given) => {
      const answer = await destinationAt(database.url).deliver(billOf(given));
      expect(answer).toEqual({ delivered: false, kind: 'refused', detail: `PostgreSQL answered ${code}` });
    });

    test('permanently if a constraint forbids the row', async () => {
      const destination = destinationAt(database.url);
      await destination.deliver(billOf());
      await ask(database.url, `ALTER TABLE handover_billing_records ADD CHECK (call_id <> 'forbidden')`);
      const answer = await destination.deliver(billOf({ callId: 'forbidden' }));
      expect(answer).toMatchObject({ kind: 'refused', detail: 'PostgreSQL answered 23514' });
      expect(await destination.deliver(billOf())).toEqual(delivered);
    });

    test('temporarily if it is read-only', async () => {
      const options = encodeURIComponent('-c default_transaction_read_only=on');
      const answer = await destinationAt(`${database.url}?options=${options}`).deliver(billOf());
      expect(answer).toEqual({ delivered: false, kind: 'trouble', detail: 'PostgreSQL answered 25006' });
    });

    test('times out while the table is locked, and succeeds once released', async () => {
      const destination = destinationAt(database.url, { timeoutMs: 200 });
      const bill = billOf();
      const first = billOf();
      await expect.poll(() => destination.deliver(first)).toEqual(delivered);
      const { letGo } = await hold('LOCK TABLE handover_billing_records');
      const answer = await destination.deliver(bill);
      expect(answer).toMatchObject({
        delivered: false,
        kind: 'trouble',
        detail: expect.stringMatching('timeout'),
      });
      await letGo();
      await expect.poll(() => destination.deliver(bill)).toEqual(delivered);
      expect(await rows()).toHaveLength(2);
    });
  });

  test('respects the connection limit, and closes all connections', async () => {
    const destination = destinationAt(database.url, { connections: 2 });
    const count = async () => (await ask(database.url, `SELECT count(*)::int AS n ${OURS}`))[0]?.n;
    await Promise.all(Array.from({ length: 20 }, () => destination.deliver(billOf())));
    expect(await count()).toBe(2);
    const { letGo } = await hold('LOCK TABLE handover_billing_records');
    const late = destination.deliver(billOf());
    await untilSomebodyWaits();
    const closed = destination.close();
    await letGo();
    await closed;
    expect(await late).toEqual(delivered);
    await expect.poll(count).toBe(0);
    expect(await destination.deliver(billOf())).toMatchObject({ delivered: false, kind: 'trouble' });
    expect(await rows()).toHaveLength(21);
  });

  test.each<[string, Partial<URL>, string]>([
    ['a wrong password', { password: 'wr0ng' }, 'PostgreSQL answered 28P01'],
    ['an unknown user', { username: 'nobody-4711' }, 'PostgreSQL answered 28P01'],
    ['a database that is missing', { pathname: '/no-such-4711' }, 'PostgreSQL answered 3D000'],
    ['a closed port', { port: '1' }, 'PostgreSQL: ECONNREFUSED'],
    ['an unknown host', { hostname: 'db.invalid' }, 'PostgreSQL: E'],
    ['TLS where there is none', { search: 'ssl=true' }, 'PostgreSQL: The server does not support'],
  ])('%s is reported without the password, and retried', async (_, change, detail) => {
    const url = Object.assign(new URL(database.url), change);
    const { password } = new URL(database.url);
    const answer = await destinationAt(url.href, { timeoutMs: 2_000 }).deliver(billOf());
    expect(answer).toMatchObject({ delivered: false, kind: 'trouble' });
    expect(detailOf(answer)).toMatch(detail);
    for (const secret of [password, 'wr0ng', '4711']) expect(detailOf(answer)).not.toContain(secret);
  });
});

test('a restarted server loses nothing and needs no restart of the worker', async ({ skip }) => {
  const own = (await startOwnPostgres()) ?? skip('no PostgreSQL server program');
  onTestFinished(() => own.stop());
  const destination = destinationAt(own.url);
  onTestFinished(closeAll);
  const [before, after] = [billOf({ id: 'a' }), billOf({ id: 'b' })];
  expect(await destination.deliver(before)).toEqual(delivered);
  await own.kill();
  await expect.poll(() => errors.length).toBe(1);
  for (let attempt = 0; attempt < 2; attempt += 1)
    expect(await destination.deliver(after)).toMatchObject({ kind: 'trouble', detail: /ECONNREFUSED/ });
  await own.restart();
  expect(await destination.deliver(before)).toEqual(delivered);
  expect(await destination.deliver(after)).toEqual(delivered);
  expect((await ask(own.url, BILLS)).map(({ id }) => id)).toEqual(['a', 'b']);
});

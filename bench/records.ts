import { randomUUID } from 'node:crypto';
import { type Bill, billingCode, type TransferEvent } from '@handover/core/billing';
import { createPostgresDestination } from '@handover/core/destinations';
import { openBillingQueue, queueEvent } from '@handover/core/queue';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import type { Ground } from './ground.ts';
import { compare, perSecond } from './rounds.ts';
import { type Row, rate } from './table.ts';

const RECORDS = 2_000;
const ROUNDS = 3;
/** As many at once as a worker brings to a destination. */
const AT_ONCE = 10;
const PREFIX = '{bench-records}';

/** Billing records per second into PostgreSQL, by the adapter alone and from event to row, beside plain INSERTs in a loop. */
export async function benchRecords(ground: Ground): Promise<Row[]> {
  if (ground.noPostgres !== undefined) {
    console.log(`Left out: records into PostgreSQL. ${ground.noPostgres}`);
    return [];
  }
  const url = await ground.openDatabase();
  const client = new Client({ connectionString: url });
  await client.connect();
  const rowCount = async () => Number((await client.query(COUNT)).rows[0].count);
  const adapter = createPostgresDestination({
    url,
    connections: AT_ONCE,
    timeoutMs: 5_000,
    onError: (error) => console.error(error.message),
  });
  await adapter.deliver(bill(), AbortSignal.timeout(10_000));
  await client.query('CREATE TABLE plain (LIKE handover_billing_records INCLUDING ALL)');
  const plain = () =>
    perSecond(RECORDS, async () => {
      for (const values of Array.from({ length: RECORDS }, () => plainRow(bill())))
        await client.query(PLAIN_INSERT, values);
    });

  const checked = (work: () => Promise<number>) => async () => {
    const before = await rowCount();
    const rateOfIt = await work();
    const added = (await rowCount()) - before;
    if (added !== RECORDS) throw new Error(`of ${RECORDS} records ${added} became rows`);
    return rateOfIt;
  };
  const alone = checked(() => deliverAll(Array.from({ length: RECORDS }, bill), adapter));
  const adapterRow = row('records into PostgreSQL, the adapter', await compare(alone, plain, ROUNDS));
  await adapter.close();

  await ground.startApp('worker', {
    ...{ QUEUE_PREFIX: PREFIX, BILLING_DATABASE_URL: url, BILLING_REORDER_WINDOW_MS: '0' },
    WEBHOOK_SECRET: randomUUID(),
  });
  const redis = new Redis(ground.redisUrl, { maxRetriesPerRequest: null });
  const queue = openBillingQueue(redis, PREFIX);
  const endToEnd = checked(async () => {
    await queue.pause();
    await Promise.all(Array.from({ length: RECORDS }, () => queueEvent(queue, event())));
    const wanted = (await rowCount()) + RECORDS;
    return perSecond(RECORDS, async () => {
      await queue.resume();
      while ((await rowCount()) < wanted);
    });
  });
  const eventsRow = row('records into PostgreSQL, from event to row', await compare(endToEnd, plain, ROUNDS));
  await queue.close();
  redis.disconnect();
  await client.end();
  return [adapterRow, eventsRow];
}

const COUNT = 'SELECT count(*) AS count FROM handover_billing_records';
const PLAIN_INSERT = `INSERT INTO plain
  (id, event_id, call_id, transfer_type, target_id, target_type, occurred_at, billing_code)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`;

function row(what: string, found: Awaited<ReturnType<typeof compare>>): Row {
  return {
    what,
    ours: rate(found.ours),
    beside: rate(found.beside),
    besideWhat: 'INSERTs in a loop',
    ratio: found.ratio.toFixed(2),
    raw: found,
  };
}

async function deliverAll(
  bills: Bill[],
  { deliver }: ReturnType<typeof createPostgresDestination>,
): Promise<number> {
  const { signal } = new AbortController();
  return perSecond(bills.length, () =>
    Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let next = bills.pop(); next !== undefined; next = bills.pop()) {
          const answer = await deliver(next, signal);
          if (!answer.delivered) throw new Error(answer.detail);
        }
      }),
    ),
  );
}

function event(): TransferEvent {
  const callId = `call-${randomUUID()}`;
  return { id: randomUUID(), callId, transferType: 'blind', target: { id: 'support' }, at: Date.now() };
}

function bill(): Bill {
  const { id = '', callId, transferType, target, at } = event();
  const timestamp = new Date(at).toISOString();
  const code = billingCode(transferType);
  return { id, eventId: id, callId, transferType, target, timestamp, billingCode: code };
}

function plainRow({ id, eventId, callId, transferType, target, timestamp, billingCode: code }: Bill) {
  return [id, eventId, callId, transferType, target.id, target.type ?? null, timestamp, code];
}

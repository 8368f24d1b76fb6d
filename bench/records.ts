import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bill, billingCode, type TransferEvent } from '@handover/core/billing';
import { openBillingQueue, queueEvent } from '@handover/core/redis';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { createPostgresDestination } from '../packages/core/src/destinations/postgres.ts';
import type { Ground, Running } from './ground.ts';
import { compare, eachOf, perSecond, type Side } from './rounds.ts';
import type { Row } from './table.ts';

const RECORDS = 2_000;
const ROUNDS = 5;
/** The concurrency of a worker's deliveries to a destination. */
const AT_ONCE = 10;
const PREFIX = '{bench-records}';
const OURS = 'handover_billing_records';
const PLAIN = 'plain_records';
/** Counting loads the measured database, so it runs only as often as the measurement needs. */
const LOOK_EVERY_MS = 25;
const ALL_WITHIN_MS = 60_000;

const PLAIN_INSERT = `INSERT INTO ${PLAIN}
  (id, event_id, call_id, transfer_type, target_id, target_type, occurred_at, billing_code)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`;

/** Bills per second into PostgreSQL, by the adapter alone and from event to row, compared with INSERTs in a loop. */
export async function benchRecords(ground: Ground): Promise<Row[]> {
  const url = await ground.openDatabase('records');
  // On interruption both lose their database; pending queries fail.
  const onError = () => {};
  const client = new Client({ connectionString: url }).on('error', onError);
  await client.connect();
  const adapter = createPostgresDestination({ url, connections: AT_ONCE, timeoutMs: 5_000, onError });
  // The first bill creates the tables.
  await deliverAll([bill()], adapter);
  await client.query(`CREATE TABLE ${PLAIN} (LIKE ${OURS} INCLUDING ALL)`);
  const fsync = (await client.query<{ fsync: string }>('SHOW fsync')).rows[0]?.fsync;

  const plain = counted(client, PLAIN, () => insertAll(client, bills()));
  const beside = { unit: '/s', besideWhat: `INSERTs in a loop (fsync ${fsync})` };
  const alone = counted(client, OURS, () => deliverAll(bills(), adapter));
  const byAdapter = { what: 'records into PostgreSQL, the adapter', ...beside };
  const rows = [{ ...byAdapter, ...(await compare(alone, plain, ROUNDS)) }];
  await adapter.close();

  const { side, close } = await startWholeWay(ground, url, client);
  const wholeWay = { what: 'records into PostgreSQL, from event to row', ...beside };
  rows.push({ ...wholeWay, ...(await compare(counted(client, OURS, side), plain, ROUNDS)) });
  await close();
  await client.end();
  return rows;
}

/** Throws unless every bill became a row. */
function counted(client: Client, table: string, side: Side): Side {
  return async () => {
    const before = await rowsIn(client, table);
    const figure = await side();
    const added = (await rowsIn(client, table)) - before;
    if (added !== RECORDS) throw new Error(`of ${RECORDS} records ${added} became rows`);
    return figure;
  };
}

async function rowsIn(client: Client, table: string): Promise<number> {
  return Number((await client.query(`SELECT count(*) AS count FROM ${table}`)).rows[0].count);
}

function insertAll(client: Client, all: Bill[]): Promise<number> {
  return perSecond(all.length, async () => {
    for (const one of all) await client.query(PLAIN_INSERT, plainRow(one));
  });
}

function deliverAll(all: Bill[], { deliver }: ReturnType<typeof createPostgresDestination>): Promise<number> {
  const { signal } = new AbortController();
  return perSecond(all.length, () =>
    eachOf(all, AT_ONCE, async (one) => {
      const answer = await deliver(one, signal);
      if (!answer.delivered) throw new Error(answer.detail);
    }),
  );
}

/** A worker, and the side that starts it on queued events and waits until each is a row. */
async function startWholeWay(ground: Ground, url: string, client: Client) {
  const worker = await ground.startApp('worker', {
    QUEUE_PREFIX: PREFIX,
    BILLING_DATABASE_URL: url,
    BILLING_REORDER_WINDOW_MS: '0',
    WEBHOOK_SECRET: randomUUID(),
  });
  const redis = new Redis(ground.redisUrl, { maxRetriesPerRequest: null }).on('error', () => {});
  const queue = openBillingQueue(redis, PREFIX).on('error', () => {});
  const side = async () => {
    await queue.pause();
    await Promise.all(Array.from({ length: RECORDS }, () => queueEvent(queue, event())));
    const wanted = (await rowsIn(client, OURS)) + RECORDS;
    return perSecond(RECORDS, async () => {
      await queue.resume();
      await untilRows(client, wanted, worker);
    });
  };
  const close = async () => {
    await queue.close();
    redis.disconnect();
  };
  return { side, close };
}

async function untilRows(client: Client, wanted: number, worker: Running): Promise<void> {
  const giveUpAt = performance.now() + ALL_WITHIN_MS;
  for (;;) {
    const missing = wanted - (await rowsIn(client, OURS));
    if (missing <= 0) return;
    if (!worker.isRunning() || performance.now() > giveUpAt)
      throw new Error(`${missing} events became no rows. The worker's last lines:\n${worker.lastLines()}`);
    await sleep(LOOK_EVERY_MS);
  }
}

function event(): TransferEvent {
  const callId = `call-${randomUUID()}`;
  return { id: randomUUID(), callId, transferType: 'blind', target: { id: 'support' }, at: Date.now() };
}

function bills(): Bill[] {
  return Array.from({ length: RECORDS }, bill);
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

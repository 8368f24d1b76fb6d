import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { startRedisProxy } from '../support/redis-proxy.ts';
import { billOf, enterBill } from './billing-data.ts';
import { at } from './billing-lists.ts';
import { connected, startApi, type TestApi } from './start-api.ts';

const EXPORT = '/api/billing/export';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ redisUrl: inject('redisUrl') });
  await connected(api);
});
afterEach(async () => {
  const keys = await api.redis.keys(`${api.prefix}:live:*`);
  for (let from = 0; from < keys.length; from += 1_000)
    await api.redis.unlink(...keys.slice(from, from + 1_000));
});
afterAll(() => api.close());

const read = (query: string) => api.app.inject(`${EXPORT}?${query}`);
const linesOf = (body: string) => body.split('\r\n').slice(0, -1);

/** Writes this many bills of November, like bill.lua does, in one pipeline. */
async function seed(to: TestApi, count: number): Promise<string[]> {
  const { keys } = to.live.store;
  const step = Math.floor((30 * 86_400_000) / count);
  const bill = billOf();
  const bills = Array.from({ length: count }, (_, index) => ({
    ...bill,
    id: `event-${String(index).padStart(5, '0')}`,
    timestamp: new Date(Date.parse('2026-11-01') + index * step).toISOString(),
  }));
  const pipeline = to.redis.pipeline();
  for (const one of bills) pipeline.hset(keys.bill(one.id), 'bill', JSON.stringify(one), 'billedAt', '1');
  pipeline.zadd(keys.bills, ...bills.flatMap(({ id, timestamp }) => [Date.parse(timestamp), id]));
  pipeline.hset(keys.billingReport, `2026-11-01 ${bill.billingCode}`, Math.ceil(count / 30));
  await pipeline.exec();
  return bills.map(({ id }) => id);
}

test('a month is one file: every row, in order, and the number of rows last', async () => {
  const inside = [at(-1), at(0), '2026-11-01T00:00:00.000Z', '2026-11-30T23:59:59.999Z'];
  for (const timestamp of [...inside, '2026-10-31T23:59:59.999Z', '2026-12-01T00:00:00.000Z'])
    await enterBill(api, billOf({ id: timestamp, callId: '=1+1', timestamp }));
  const answer = await read('month=2026-11');
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8');
  expect(answer.headers['content-disposition']).toBe('attachment; filename="billing-2026-11.csv"');
  const [head, ...rows] = linesOf(answer.body);
  expect(head).toMatch(/^id,eventId,callId,/);
  expect(rows.pop()).toBe('# rows=4');
  expect(rows.map((row) => row.split(',')[0])).toEqual([...inside].sort());
  for (const row of rows) expect(row.split(',')[2]).toBe("'=1+1");
});

test('a range is a file too, with its bounds in the name', async () => {
  for (const minute of [1, 2, 3]) await enterBill(api, billOf({ timestamp: at(minute) }));
  const days = await read('from=2026-11-20&to=2026-11-20');
  expect(days.headers['content-disposition']).toContain('"billing-2026-11-20-to-2026-11-20.csv"');
  expect(linesOf(days.body).at(-1)).toBe('# rows=3');
  const times = await read(`from=${at(2)}&to=${at(3)}`);
  expect(linesOf(times.body).at(-1)).toBe('# rows=1');
  expect(linesOf((await read('from=2026-11-20')).body).at(-1)).toBe('# rows=3');
});

test('a month without bills has the header and no rows', async () => {
  expect(linesOf((await read('month=2026-02')).body).slice(1)).toEqual(['# rows=0']);
});

test('bills that were made and are gone are said before the last line', async () => {
  for (const minute of [1, 2, 3]) await enterBill(api, billOf({ timestamp: at(minute) }));
  const [id = ''] = await api.redis.zrange(api.live.store.keys.bills, '0', '0');
  await api.redis.del(api.live.store.keys.bill(id));
  const lines = linesOf((await read('month=2026-11')).body);
  expect(lines.slice(-2)).toEqual([
    '# incomplete: 1 more were made and are no longer in Redis (TRANSFER_RETENTION_MS); the history is not configured (HISTORY_DATABASE_URL)',
    '# rows=2',
  ]);
  // Of a part of a day it is not known how many there were.
  expect(linesOf((await read(`from=${at(0)}&to=${at(9)}`)).body).at(-2)).not.toContain('incomplete');
});

test('12,000 bills are 12,000 rows, each once', async () => {
  const ids = await seed(api, 12_000);
  const lines = linesOf((await read('month=2026-11')).body);
  expect(lines.at(-1)).toBe('# rows=12000');
  expect(lines.slice(1, -1).map((line) => line.split(',')[0])).toEqual(ids);
});

test('if Redis fails in the middle the file is cut off, without its last line', async () => {
  const proxy = await startRedisProxy(Number(new URL(inject('redisUrl')).port));
  const url = `redis://127.0.0.1:${proxy.port}`;
  const behind = await startApi({ redisUrl: url, prefix: api.prefix });
  onTestFinished(async () => {
    await behind.close();
    await proxy.close();
  });
  await connected(behind);
  await seed(api, 5_000);
  await behind.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = behind.app.server.address() as AddressInfo;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: `${EXPORT}?month=2026-11` }, resolve).on('error', reject);
  });
  let body = '';
  const ended = new Promise<Error | undefined>((resolve) => {
    answer.on('data', (chunk) => {
      if (body === '') proxy.shut(() => true);
      body += chunk;
    });
    answer.once('end', () => resolve(undefined)).once('error', resolve);
  });
  expect(answer.statusCode).toBe(200);
  expect(await ended).toMatchObject({ code: 'ECONNRESET' });
  expect(body).toContain('event-00000,');
  expect(body).not.toContain('# rows');
  expect(behind.lines.map(({ message }) => message)).toContain('request.stream-failed');
});

test('if Redis fails before the first row the answer is a problem', async () => {
  const away = await startApi({ redisUrl: 'redis://127.0.0.1:1' });
  onTestFinished(away.close);
  const answer = await away.app.inject(`${EXPORT}?month=2026-11`);
  expect([answer.statusCode, answer.json().code]).toEqual([503, 'redis-unavailable']);
});

test.each([
  ['', ['month']],
  ['to=2026-11-20', ['month']],
  ['month=2026-13', ['month']],
  ['month=2026-11-01', ['month']],
  ['month=2026-11&from=2026-11-01', ['from']],
  ['from=2026-11-20&to=2026-11-19', ['from']],
  ['month=2026-11&format=xls', ['format']],
])('?%s is a 400 that names the field', async (query, fields) => {
  const answer = await read(query);
  expect(answer.statusCode).toBe(400);
  expect(answer.json().errors.map(({ field }: { field: string }) => field)).toEqual(fields);
});

import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { connected, settleAs, startApi, type TestApi, transferBody } from './start-api.ts';

let api: TestApi;
let firstDay: string;
beforeAll(async () => {
  api = await startApi({ redisUrl: inject('redisUrl') });
  await connected(api);
  firstDay = new Date().toISOString().slice(0, 10);
  await settleAs(api, await accept({ userId: '=ann' }), { status: 'transferred', isFallback: true });
  await settleAs(api, await accept({ userId: '=ann' }), { status: 'failed', reason: 'conflict' });
  await settleAs(api, await accept({ userId: 'bob' }), { status: 'rejected', reason: 'call-ended' });
});
afterAll(() => api.close());

async function accept(change: Record<string, unknown>): Promise<string> {
  const payload = transferBody(change);
  return (await api.app.inject({ method: 'POST', url: '/api/transfers', payload })).json().id;
}

const read = (query: string, accept = 'application/json') =>
  api.app.inject({ url: `/api/reports/quality?${query}`, headers: { accept } });

test('without a range the answer is as it was, over all time', async () => {
  const answer = (await read('')).json();
  expect(answer).toMatchObject({ successful: 1, failed: 1, rejected: 1, successRate: 50, fallbackRate: 100 });
  expect(answer).not.toHaveProperty('from');
  expect(answer).not.toHaveProperty('rows');
});

test('by day it has the range, the sum, and a row for each day', async () => {
  const answer = (await read(`from=${firstDay}&by=day`)).json();
  expect(answer).toMatchObject({ from: `${firstDay}T00:00:00.000Z`, successful: 1, failed: 1 });
  expect(answer.rows[0]).toMatchObject({ day: firstDay });
  const [row] = answer.rows.filter(({ rejected }: { rejected: number }) => rejected > 0);
  expect(row.rejections).toEqual({ 'call-ended': 1 });
  expect((await read(`from=${firstDay}T00:00:00Z&by=hour`)).json().rows[0].hour).toBe(
    `${firstDay}T00:00:00.000Z`,
  );
});

test('by agent it has a row for each, and a filter leaves the others out', async () => {
  const answer = (await read('by=agent')).json();
  expect(answer.rows.map(({ agent }: { agent: string }) => agent)).toEqual(['=ann', 'bob']);
  expect((await read('agent=bob')).json()).toMatchObject({ successful: 0, rejected: 1 });
  expect((await read('key=anonymous')).json()).toMatchObject({ successful: 1, rejected: 1 });
  expect((await read('queue=queue-1&by=queue')).json().rows).toMatchObject([{ queue: 'queue-1', failed: 1 }]);
});

test('as CSV it is a table: numbers stay numbers, and a name that a spreadsheet would run does not', async () => {
  const answer = await read('by=agent', 'text/csv');
  expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8');
  const [head = '', ...rows] = answer.body.trimEnd().split('\r\n');
  expect(head).toMatch(/^agent,successful,fallbackUsed,failed,.*,replayed,averageMs,rejected:not-permitted,/);
  expect(rows[0]).toMatch(/^'=ann,1,1,1,0,0,2,50,100,0,0,0,\d+,0,/);
  expect(rows).toHaveLength(2);
  const [, single] = (await read('', 'text/csv')).body.trimEnd().split('\r\n');
  expect(single).toMatch(/^1,1,1,0,0,2,50,100,1,0,0,\d+,/);
  const old = await read('from=2001-01-01', 'text/csv');
  expect(old.body.trimEnd().split('\r\n').at(-1)).toMatch(
    /^# incomplete: Counts by day are kept for 400 days/,
  );
});

test.each([
  ['by=week', ['by']],
  ['by=', ['by']],
  ['from=2026-11-20&to=2026-11-19', ['from']],
  ['from=2026-11-20T10:00:00Z&to=2026-11-20T10:00:00Z', ['from']],
  ['from=yesterday', ['from']],
  ['to=2026-02-30', ['to']],
  ['queue=', ['queue']],
  [`agent=${'x'.repeat(201)}`, ['agent']],
  ['agent=a&agent=b', ['agent']],
  ['queues=a', ['queues']],
  ['queue=a&agent=b', ['agent']],
  ['queue=a&by=key', ['by']],
])('?%s is a 400 that names the field', async (query, fields) => {
  const answer = await read(query);
  expect(answer.statusCode).toBe(400);
  expect(answer.json().errors.map(({ field }: { field: string }) => field)).toEqual(fields);
});

test('the last moment of the day that `to` names is in it', async () => {
  expect((await read(`from=${firstDay}&to=${firstDay}`)).json().to).toMatch(/T00:00:00\.000Z$/);
  expect((await read(`from=${firstDay}&to=9999-12-31`)).json().successful).toBe(1);
});

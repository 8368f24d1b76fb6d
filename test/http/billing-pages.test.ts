import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { billOf, discrepancyOf, enterBill, enterDiscrepancy, trailsOf } from './billing-data.ts';
import { at, createReader, DISCREPANCIES, idsOf, LISTS, linkOf, RECORDS } from './billing-lists.ts';
import { connected, startApi, type TestApi } from './start-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ redisUrl: inject('redisUrl') });
  await connected(api);
});
afterEach(async () => {
  const keys = await api.redis.keys(`${api.prefix}:live:*`);
  if (keys.length > 0) await api.redis.unlink(...keys);
});
afterAll(() => api.close());

const { read, readAll, enterAt } = createReader(() => api);

describe('as CSV', () => {
  test('bills are a table, quoted where needed', async () => {
    const full = billOf({
      id: 'event-1',
      eventId: 'a,b',
      callId: 'say "yes"',
      transferType: 'consult',
      target: { id: 'two words', type: 'user' },
      timestamp: at(1),
      transferId: 'transfer-1',
      metadata: { note: 'one\ntwo, "three"' },
    });
    const bare = billOf({ id: 'event-2', eventId: 'e', callId: 'c', target: { id: 't' }, timestamp: at(2) });
    for (const bill of [full, bare]) await enterBill(api, bill);
    await trailsOf(api).bill(
      billOf({ id: 'event-3', eventId: 'e', callId: 'd', timestamp: at(3), synthesized: true }),
      'record',
    );
    const answer = await read(RECORDS, 'text/csv');
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8');
    const lines = answer.body.replaceAll(/,\d{4}-\d\d-\d\dT[\d:.]+Z\r\n/g, ',BILLED\r\n').split('\r\n');
    expect(lines).toEqual([
      'id,eventId,callId,transferType,targetType,targetId,timestamp,billingCode,transferId,metadata,synthesized,billedAt',
      'event-1,"a,b","say ""yes""",consult,user,two words,2026-11-20T00:01:00.000Z,TRANSFER_CONSULT,transfer-1,"{""note"":""one\\ntwo, \\""three\\""""}",false,BILLED',
      'event-2,e,c,blind,,t,2026-11-20T00:02:00.000Z,TRANSFER_BLIND,,,false,BILLED',
      'event-3,e,d,blind,queue,queue-1,2026-11-20T00:03:00.000Z,TRANSFER_BLIND,,,true,BILLED',
      '',
    ]);
  });

  test('discrepancies are a table too', async () => {
    await enterDiscrepancy(
      api,
      discrepancyOf({
        name: 'different-target',
        transferId: 'transfer-1',
        callId: 'a,b',
        seen: { transferType: 'consult', target: { id: 'x', type: 'user' }, eventId: '"' },
      }),
    );
    const missing = discrepancyOf({ transferId: 'transfer-2', callId: 'c', expected: undefined });
    await enterDiscrepancy(api, missing);
    const { body } = await read(DISCREPANCIES, 'text/csv');
    expect(body.replaceAll(/,\d{4}-\d\d-\d\dT[\d:.]+Z,/g, ',NAMED,')).toBe(
      [
        'name,transferId,callId,expectedType,expectedTargetType,expectedTargetId,seenType,seenTargetType,seenTargetId,seenEventId,synthesized,namedAt,healedAt',
        'different-target,transfer-1,"a,b",blind,queue,queue-1,consult,user,x,"""",false,NAMED,',
        'missing-event,transfer-2,c,,,,,,,,false,NAMED,',
        '',
      ].join('\r\n'),
    );
  });

  test.each(LISTS)('%s is only the header if empty', async (url) => {
    const { body } = await read(url, 'text/csv');
    expect(body).toMatch(/^\w+(,\w+)+\r\n$/);
  });

  test('pages follow the header Link, and have the content of the JSON pages', async () => {
    await enterAt(...Array.from({ length: 11 }, (_, index) => index % 4));
    const rows: string[] = [];
    for (let to: string | undefined = `${RECORDS}?limit=4`; to !== undefined; ) {
      const answer = await read(to, 'text/csv');
      const lines = answer.body.trimEnd().split('\r\n').slice(1);
      to = linkOf(answer);
      // A page with another one after it says so in the file, too.
      if (to !== undefined) expect(lines.pop()).toBe(`# more: ${to}`);
      rows.push(...lines);
    }
    expect(rows.map((row) => row.split(',')[0])).toEqual((await readAll(RECORDS, { by: 'next' })).flat());
  });
});

test.each([
  [undefined, 'application/json'],
  ['', 'application/json'],
  ['*/*', 'application/json'],
  ['application/json', 'application/json'],
  ['text/csv', 'text/csv'],
  ['TEXT/CSV', 'text/csv'],
  ['text/*', 'text/csv'],
  ['text/csv; charset=UTF-8', 'text/csv'],
  ['text/csv;header=present', 'text/csv'],
  ['text/csv;q=0.5', 'text/csv'],
  ['application/json;q=0.5, text/csv', 'text/csv'],
  ['text/csv;q=0.5, application/json', 'application/json'],
  ['text/csv;q=0.5, */*', 'application/json'],
  ['*/*;q=0.1, text/csv', 'text/csv'],
  ['text/csv;q=0, */*', 'application/json'],
  ['text/csv;q=0', 'application/json'],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'application/json'],
  ['image/png', 'application/json'],
  ['nonsense', 'application/json'],
  [';;q=,,', 'application/json'],
])('Accept: %j gets %s', async (accept, type) => {
  for (const url of LISTS) {
    const answer = await read(url, accept);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe(`${type}; charset=utf-8`);
    expect(answer.headers.vary).toMatch(/\baccept\b/i);
  }
});

test('an error is a problem document, even if CSV was requested', async () => {
  const answer = await read(`${RECORDS}?limit=0`, 'text/csv');
  expect(answer.statusCode).toBe(400);
  expect(answer.headers['content-type']).toContain('application/problem+json');
});

describe('pages', () => {
  const ways = ['next', 'link'] as const;

  test.each(ways)('list each item once, in order, by %s', async (by) => {
    // Some have the same time.
    const ids = await enterAt(...Array.from({ length: 23 }, (_, index) => Math.floor(index / 3)));
    const pages = await readAll(`${RECORDS}?limit=5`, { by });
    expect(pages.map(({ length }) => length)).toEqual([5, 5, 5, 5, 3]);
    expect(pages.flat().sort()).toEqual(ids.sort());
    expect(pages.flat()).toEqual(idsOf(await read(RECORDS)));
  });

  test.each(ways)('list all discrepancies by %s', async (by) => {
    const ids: string[] = [];
    for (let index = 0; index < 12; index += 1)
      ids.push((await enterDiscrepancy(api, discrepancyOf())).transferId);
    const pages = await readAll(`${DISCREPANCIES}?limit=5`, { by });
    expect(pages.map(({ length }) => length)).toEqual([5, 5, 2]);
    expect(pages.flat().sort()).toEqual(ids.sort());
  });

  test.each(ways)('list all initial items once by %s while more arrive', async (by) => {
    const ids = await enterAt(...Array.from({ length: 20 }, (_, index) => 100 + index));
    let turn = 0;
    const pages = await readAll(`${RECORDS}?limit=3`, {
      by,
      between: async () => {
        turn += 1;
        if (turn > 10) return;
        // Late ones, sorted before the page, and new ones after it.
        await enterAt(turn, 100 + turn / 10, 200 + turn);
      },
    });
    const seen = pages.flat();
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining(ids));
  });

  test('continue although the last item of the previous page is gone, and all before it', async () => {
    const ids = await enterAt(1, 2, 3, 4, 5);
    const { next } = (await read(`${RECORDS}?limit=2`)).json();
    await api.redis.zremrangebyrank(api.live.store.keys.bills, 0, 1);
    expect(idsOf(await read(`${RECORDS}?limit=2&cursor=${next}`))).toEqual(ids.slice(2, 4));
  });

  test('respect their range', async () => {
    const ids = await enterAt(1, 2, 3, 4, 5, 6, 7);
    const range = `${RECORDS}?from=${at(2)}&to=${at(7)}`;
    expect(idsOf(await read(range))).toEqual(ids.slice(1, 6));
    for (const by of ways)
      expect(await readAll(`${range}&limit=2`, { by })).toEqual([
        ids.slice(1, 3),
        ids.slice(3, 5),
        ids.slice(5, 6),
      ]);
  });

  test('respect it even with the cursor of an earlier page', async () => {
    const [, , third] = await enterAt(1, 2, 3);
    const { next } = (await read(`${RECORDS}?limit=1`)).json();
    expect(idsOf(await read(`${RECORDS}?from=${at(3)}&to=${at(4)}&cursor=${next}`))).toEqual([third]);
  });

  test('accept times with an offset, and are unbounded by default', async () => {
    const ids = await enterAt(1, 2, 3);
    const plus = encodeURIComponent('2026-11-20T01:02:00+01:00');
    expect(idsOf(await read(`${RECORDS}?from=${plus}`))).toEqual(ids.slice(1));
    expect(idsOf(await read(`${RECORDS}?to=${plus}`))).toEqual(ids.slice(0, 1));
    expect(idsOf(await read(`${RECORDS}?from=2027-01-01T00:00:00Z`))).toEqual([]);
    expect(idsOf(await read(`${RECORDS}?to=1960-01-01T00:00:00Z`))).toEqual([]);
  });

  test('take dates, of which `to` is included', async () => {
    const ids = await enterAt(-1, 0, 1_439, 1_440);
    expect(idsOf(await read(`${RECORDS}?from=2026-11-20&to=2026-11-20`))).toEqual(ids.slice(1, 3));
    expect(idsOf(await read(`${RECORDS}?from=2026-11-21`))).toEqual(ids.slice(3));
  });

  test('refuse the cursor of another list', async () => {
    await enterAt(1, 2);
    const { next } = (await read(`${RECORDS}?limit=1`)).json();
    const answer = await read(`${DISCREPANCIES}?cursor=${next}`);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().errors).toMatchObject([{ field: 'cursor' }]);
  });

  test('have a hundred items by default, and at most a thousand', async () => {
    const { keys } = api.live.store;
    const bills = Array.from({ length: 1_001 }, (_, index) => billOf({ timestamp: at(index) }));
    const pipeline = api.redis.pipeline();
    for (const bill of bills) {
      pipeline.hset(keys.bill(bill.id), { bill: JSON.stringify(bill), billedAt: '1' });
      pipeline.zadd(keys.bills, Date.parse(bill.timestamp), bill.id);
    }
    await pipeline.exec();
    expect(idsOf(await read(RECORDS))).toHaveLength(100);
    const whole = await read(`${RECORDS}?limit=1000`);
    expect(idsOf(whole)).toHaveLength(1_000);
    const last = await read(`${RECORDS}?limit=1000&cursor=${whole.json().next}`);
    expect(idsOf(last)).toEqual([bills.at(-1)?.id]);
    expect(last.json().next).toBeNull();
    expect(last.headers.link).toBeUndefined();
  });

  test('end with an exactly full page', async () => {
    await enterAt(1, 2, 3, 4);
    expect((await read(`${RECORDS}?limit=4`)).json().next).toBeNull();
    expect((await readAll(`${RECORDS}?limit=2`, { by: 'link' })).map(({ length }) => length)).toEqual([2, 2]);
  });

  test('keep exactly the given query in the link', async () => {
    await enterAt(1, 2);
    const answer = await read(`${RECORDS}?to=2026-12-01T00%3A00%3A00%2B01%3A00&limit=1`);
    const link = new URL(linkOf(answer) ?? '', 'http://localhost');
    expect(link.pathname).toBe(RECORDS);
    expect(Object.fromEntries(link.searchParams)).toEqual({
      to: '2026-12-01T00:00:00+01:00',
      limit: '1',
      cursor: answer.json().next,
    });
  });

  test.each([
    ['limit=0', ['limit']],
    ['limit=1001', ['limit']],
    ['limit=-1', ['limit']],
    ['limit=1.5', ['limit']],
    ['limit=ten', ['limit']],
    ['limit=', ['limit']],
    ['limit=1&limit=2', ['limit']],
    ['from=yesterday', ['from']],
    ['from=2026-11', ['from']],
    ['from=2026-11-21&to=2026-11-20', ['from']],
    [`cursor=${Buffer.from('1 event-1').toString('base64url')}`, ['cursor']],
    ['to=2026-02-30T00:00:00Z', ['to']],
    ['to=2026-11-20T00:00:00', ['to']],
    ['from=1700000000000', ['from']],
    ['from=2026-11-20T00:00:00Z&to=2026-11-20T00:00:00Z', ['from']],
    ['from=2026-11-21T00:00:00Z&to=2026-11-20T00:00:00Z', ['from']],
    ['cursor=', ['cursor']],
    ['cursor=a%20b', ['cursor']],
    ['cursor=%3Cscript%3E', ['cursor']],
    [`cursor=${'x'.repeat(401)}`, ['cursor']],
    ['page=2', ['page']],
    ['From=2026-11-20T00:00:00Z', ['From']],
    ['limit=x&from=x&to=x&cursor=!&x=x', ['from', 'to', 'cursor', 'limit', 'x']],
  ])('?%s is refused, naming every invalid field', async (query, fields) => {
    for (const url of LISTS) {
      const answer = await read(`${url}?${query}`);
      expect(answer.statusCode).toBe(400);
      expect(answer.json().code).toBe('invalid-request');
      expect(answer.json().errors.map(({ field }: { field: string }) => field)).toEqual(fields);
    }
  });
});

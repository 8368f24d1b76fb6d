import { randomUUID } from 'node:crypto';
import { test as property } from '@fast-check/vitest';
import { type Bill, discrepancyNames, eventKey, type TransferEvent } from '@handover/core/billing';
import { openDialect } from '@handover/core/genesys';
import {
  BillingEventJob,
  createBillingStore,
  createHoldOff,
  DeliveryJob,
  openBillingQueue,
  openDeliveryQueue,
  queueDelivery,
  queueEvent,
} from '@handover/core/redis';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTestLane, RETENTION_MS, type TestLane } from '../support/lane.ts';

const { parseEvent } = openDialect('voice');

const NOW = Date.parse('2026-11-22T10:00:00Z');

let lane: TestLane;
beforeEach(() => {
  lane = openTestLane();
});
afterEach(() => lane.close());

const eventOf = (given: Partial<TransferEvent> = {}): TransferEvent => ({
  ...{ id: 'e-1', callId: 'call-1', transferType: 'blind', target: { id: 'support' }, at: NOW },
  ...given,
});
const billOf = (given: Partial<Bill> = {}): Bill => ({
  ...{ id: `event-${randomUUID()}`, eventId: 'e-1', callId: 'call-1', transferType: 'blind' },
  ...{ target: { id: 'support' }, timestamp: new Date(NOW).toISOString(), billingCode: 'TRANSFER_BLIND' },
  ...given,
});

describe('an event on its way to billing', () => {
  async function queued(events: TransferEvent[]) {
    const queue = openBillingQueue(lane.redis, lane.prefix);
    const answers = await Promise.all(events.map((event) => queueEvent(queue, event)));
    const jobs = await queue.getJobs(['waiting', 'prioritized', 'delayed']);
    await queue.close();
    return { answers, jobs };
  }

  test('that arrives fifty times concurrently gets one job, and one answer says that it is new', async () => {
    const { answers, jobs } = await queued(Array.from({ length: 50 }, () => eventOf()));
    expect(answers.filter((answer) => answer === 'queued')).toHaveLength(1);
    expect(jobs.map(({ name, data }) => [name, data])).toEqual([['event', { v: 1, event: eventOf() }]]);
  });

  test('is distinguished by its id, or by its time without an id', async () => {
    const without = (at: number) => eventOf({ id: undefined, at });
    const { answers } = await queued([eventOf(), eventOf({ id: 'e-2' }), without(NOW), without(NOW + 1)]);
    expect(answers).toEqual(['queued', 'queued', 'queued', 'queued']);
    expect((await queued([without(NOW), eventOf({ at: NOW + 5 })])).answers).toEqual([
      ...['duplicate', 'duplicate'],
    ]);
  });
});

describe('any input of the platform', () => {
  const text = fc.oneof(fc.string({ minLength: 1 }), fc.string({ unit: 'binary', maxLength: 220 }));
  const time = fc.oneof(
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    fc.integer({ min: NOW - 1e12, max: NOW + 1e8 }),
  );
  /** Mostly valid, sometimes arbitrary JSON. */
  const mostly = <T>(arbitrary: fc.Arbitrary<T>) =>
    fc.oneof<fc.WeightedArbitrary<unknown>[]>(
      { weight: 15, arbitrary },
      { weight: 1, arbitrary: fc.jsonValue() },
    );
  const target = fc.record(
    { id: mostly(text), type: mostly(fc.constantFrom('queue', 'user', 'skillGroup')) },
    { requiredKeys: ['id'] },
  );
  const call = { id: mostly(text), transferType: mostly(fc.constantFrom('blind', 'consult')) };
  const body = fc.record(
    {
      ...{ id: mostly(text), type: mostly(fc.constant('voice.call.updated')), timestamp: mostly(time) },
      event_data: mostly(fc.record({ ...call, target: mostly(target) })),
    },
    { requiredKeys: ['type', 'timestamp', 'event_data'] },
  );

  property.prop([mostly(body)], { numRuns: 300 })('parses without throwing, and fits into a job', (sent) => {
    const parsed = parseEvent(sent, NOW);
    if (parsed.is !== 'transfer') return;
    const job = JSON.parse(JSON.stringify({ v: 1, event: parsed.event })) as unknown;
    expect(BillingEventJob.parse(job).event).toEqual(parsed.event);
  });

  const event = fc.record({
    ...{ id: fc.option(text, { nil: undefined }), callId: text, target: fc.record({ id: text }) },
    ...{ transferType: fc.constantFrom('blind' as const, 'consult' as const), at: fc.integer() },
  });

  property.prop([event, event, fc.integer()], { numRuns: 200 })(
    'two events share a key only if call, type, target and id (or time) are equal',
    (one, other, at) => {
      const identity = ({ id, ...rest }: typeof one) =>
        JSON.stringify([rest.callId, rest.transferType, rest.target.id, id ?? null, id ?? rest.at]);
      expect(eventKey(one) === eventKey(other)).toBe(identity(one) === identity(other));
      expect(eventKey({ ...one, at }) === eventKey(one)).toBe(one.id !== undefined || one.at === at);
    },
  );
});

describe('a bill on its way to a destination', () => {
  test('is queued once for each destination, with all data', async () => {
    const bill = billOf({ transferId: 't-1', metadata: { ticket: 'ü\0' }, synthesized: true });
    for (const destination of ['http', 'postgres'] as const) {
      const queue = openDeliveryQueue(lane.redis, lane.prefix, destination);
      await Promise.all(Array.from({ length: 20 }, (_, index) => queueDelivery(queue, bill, NOW + index)));
      const jobs = await queue.getJobs(['waiting']);
      await queue.close();
      expect(jobs.map(({ id }) => id)).toEqual([bill.id]);
      const job = DeliveryJob.parse(jobs[0]?.data);
      expect(job).toEqual({ v: 1, bill, tries: 0, since: expect.closeTo(NOW, -2) });
    }
  });
});

describe('a destination holds off', () => {
  const untilIn = async (retryAfterMs: number) => {
    const before = await lane.now();
    const key = lane.keys.deliveryHoldOff('http');
    return (await createHoldOff(lane.redis, key, { longestMs: 60_000 }).raise(retryAfterMs)) - before;
  };

  test('for at most a minute, without delaying other destinations', async () => {
    expect(await untilIn(20_000)).toBeLessThan(30_000);
    expect(await untilIn(86_400_000)).toBeLessThan(70_000);
    for (const key of [lane.keys.deliveryHoldOff('postgres'), lane.keys.holdOff])
      expect(await createHoldOff(lane.redis, key).heldUntil()).toBeUndefined();
  });
});

describe('the store lists what is waiting', () => {
  const since = (key: string, id: string, at: number) => lane.redis.zadd(key, at, id);
  const trails = () => createBillingStore(lane.redis, lane.lane, { retentionMs: RETENTION_MS });

  test('after the window, oldest first, with a limit for each side', async () => {
    const now = await lane.now();
    for (const key of [lane.keys.expected, lane.keys.early])
      for (const [id, ago] of Object.entries({ new: 4_000, old: 20_000, older: 30_000, oldest: 40_000 }))
        await since(key, id, now - ago);
    const [all, two] = [
      ['oldest', 'older', 'old'],
      ['oldest', 'older'],
    ];
    expect(await trails().overdue(10_000, 9)).toMatchObject({ expected: all, early: all, undispatched: [] });
    expect(await trails().overdue(10_000, 2)).toMatchObject({ expected: two, early: two });
    await trails().drop('oldest', 'early');
    expect(await trails().overdue(10_000, 1)).toMatchObject({ expected: ['oldest'], early: ['older'] });
  });

  test('and a bill that was not queued for five seconds, until it is', async () => {
    const [bill, event] = [billOf(), eventOf()];
    const { trail } = await trails().remember(event, eventKey(event));
    await trails().bill(bill, { version: trail.version, eventKey: eventKey(event) });
    expect((await trails().overdue(0, 9)).undispatched).toEqual([]);
    expect(
      await lane.redis.zadd(lane.keys.undispatched, 'XX', 'CH', (await lane.now()) - 5_000, bill.id),
    ).toBe(1);
    expect((await trails().overdue(900_000, 9)).undispatched).toEqual([bill]);
    await trails().dispatched(bill.id);
    expect((await trails().overdue(900_000, 9)).undispatched).toEqual([]);
  });

  test('until the retention ends', async () => {
    const { bills, undispatched, discrepancies, open } = lane.keys;
    const lists = [bills, undispatched, discrepancies, ...discrepancyNames.map(open)];
    const now = await lane.now();
    for (const key of lists) {
      await since(key, 'old', now - RETENTION_MS - 1_000);
      await since(key, 'kept', now - RETENTION_MS + 30_000);
    }
    await trails().forgetOld();
    for (const key of lists) expect(await lane.redis.zrange(key, '0', '-1')).toEqual(['kept']);
  });

  test('and a bill during its retention, however old its event', async () => {
    const bill = billOf({ timestamp: '2020-01-01T00:00:00.000Z' });
    await trails().bill(bill, 'record');
    await trails().forgetOld();
    expect(await lane.redis.zrange(lane.keys.bills, '0', '-1')).toEqual([bill.id]);
    await lane.redis.del(lane.keys.bill(bill.id));
    await trails().forgetOld();
    expect(await lane.redis.zrange(lane.keys.bills, '0', '-1')).toEqual([]);
  });
});

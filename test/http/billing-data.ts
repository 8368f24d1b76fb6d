import { randomUUID } from 'node:crypto';
import type { Bill, Discrepancy } from '@handover/core/billing';
import { billingCode, eventKey } from '@handover/core/billing';
import { createBillingStore } from '@handover/core/redis';
import type { TestApi } from './start-api.ts';

export const DAY_MS = 24 * 3_600_000;
const RETENTION_MS = 7 * DAY_MS;

/** The billing stores of a worker, on the Redis of the API. */
export function trailsOf({ redis, live }: Pick<TestApi, 'redis' | 'live'>) {
  return createBillingStore(redis, live.store.lane, { retentionMs: RETENTION_MS });
}

/** The bill of someone else's transfer, with its own call. */
export function billOf(change: Partial<Bill> = {}): Bill {
  const transferType = change.transferType ?? 'blind';
  return {
    id: `event-${randomUUID()}`,
    eventId: `event-of-${randomUUID()}`,
    callId: `call-${randomUUID()}`,
    transferType,
    target: { id: 'queue-1', type: 'queue' },
    timestamp: new Date().toISOString(),
    billingCode: billingCode(transferType),
    ...change,
  };
}

/** Does what a worker does with the event of this bill. */
export async function enterBill(api: Pick<TestApi, 'redis' | 'live'>, bill: Bill): Promise<Bill> {
  const books = trailsOf(api);
  const { eventId: id, callId, transferType, target, timestamp } = bill;
  const event = { id, callId, transferType, target, at: Date.parse(timestamp) };
  const key = eventKey(event);
  const { trail } = await books.remember(event, key);
  const made = await books.bill(bill, { version: trail.version, eventKey: key });
  if (made !== 'billed') throw new Error(`${bill.id} could not be billed: ${made}`);
  return bill;
}

/** A discrepancy of one of our transfers. */
export function discrepancyOf(change: Partial<Discrepancy> = {}): Discrepancy {
  return {
    name: 'missing-event',
    transferId: randomUUID(),
    callId: `call-${randomUUID()}`,
    expected: { transferType: 'blind', target: { id: 'queue-1', type: 'queue' } },
    synthesized: false,
    ...change,
  };
}

/** Does what a worker does with the discrepancy. */
export async function enterDiscrepancy(
  { redis, live }: Pick<TestApi, 'redis' | 'live'>,
  discrepancy: Discrepancy,
): Promise<Discrepancy> {
  await redis.zadd(live.store.keys.expected, 1, discrepancy.transferId);
  const named = await trailsOf({ redis, live }).name(discrepancy, 'expected');
  if (named !== 'named') throw new Error(`${discrepancy.transferId} could not be named: ${named}`);
  return discrepancy;
}

import { randomUUID } from 'node:crypto';
import type { Bill, Discrepancy } from '@handover/core/billing';
import { billingCode, eventKey } from '@handover/core/billing';
import { createBillingStore } from '@handover/core/redis';
import type { TestApi } from './start-api.ts';

export const DAY_MS = 24 * 3_600_000;
const RETENTION_MS = 7 * DAY_MS;

/** The books of billing as a worker has them, over the Redis of the API. */
export function trailsOf({ redis, live }: Pick<TestApi, 'redis' | 'live'>) {
  return createBillingStore(redis, live.store.lane, { retentionMs: RETENTION_MS });
}

/** A billing record of somebody else's transfer, of a call of its own. */
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

/** Does what a worker does with the event that this bill is made from. */
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

/** A disagreement about a transfer of ours. */
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

/** Does what a worker does that finds the disagreement. */
export async function enterDiscrepancy(
  { redis, live }: Pick<TestApi, 'redis' | 'live'>,
  discrepancy: Discrepancy,
): Promise<Discrepancy> {
  await redis.zadd(live.store.keys.expected, 1, discrepancy.transferId);
  const named = await trailsOf({ redis, live }).name(discrepancy, 'expected');
  if (named !== 'named') throw new Error(`${discrepancy.transferId} could not be named: ${named}`);
  return discrepancy;
}

import type { MatchStore, Overdue, TrailStore } from '../../billing/ports.ts';
import {
  type Bill,
  type Discrepancy,
  discrepancyNames,
  type SeenEvent,
  type Trail,
} from '../../billing/words.ts';
import { type RedisClient, redisNow } from '../connection.ts';
import { keptFor } from '../history.ts';
import { type Lane, laneKeys } from '../keys.ts';
import { loadScripts, pairs } from '../scripts.ts';

export type BillingStore = TrailStore &
  MatchStore & {
    /** Notes that the bill is queued for every destination. */
    dispatched(id: string): Promise<void>;
    /** Removes expired entries from the lists. */
    forgetOld(): Promise<void>;
    /** Notes that matching has ended, at this time in epoch ms. */
    matched(at: number): Promise<void>;
  };

/** How long after its creation a bill counts as not dispatched, in ms. */
const DISPATCH_GRACE_MS = 5_000;
const FORGOTTEN_AT_ONCE = 5_000;

/**
 * The atomic steps of billing, each one script and one round trip. `retentionMs`: how long bills, trails and discrepancies are
 * kept. `keepsHistory`: bills are written to the history. Throws what Redis throws.
 */
export function createBillingStore(
  redis: RedisClient,
  lane: Lane,
  { retentionMs, keepsHistory }: { retentionMs: number; keepsHistory?: boolean | undefined },
): BillingStore {
  const runScript = loadScripts(redis);
  const keys = laneKeys(lane);

  async function billsOf(ids: string[]): Promise<Bill[]> {
    const texts = await Promise.all(ids.map((id) => redis.hget(keys.bill(id), 'bill')));
    return texts.flatMap((text) => (text === null ? [] : [JSON.parse(text) as Bill]));
  }

  return {
    async remember(event, key) {
      const json = JSON.stringify({ receivedAt: 0, ...event, key });
      const [now = '0', ...hash] = (await runScript('billing/remember', {
        keys: { trail: keys.trail(event.callId) },
        args: { eventKey: key, event: json, retentionMs },
      })) as string[];
      return { now: Number(now), trail: parseTrail(pairs(hash)) };
    },

    async trail(callId) {
      return parseTrail(Object.entries(await redis.hgetall(keys.trail(callId))));
    },

    async bill(bill, from) {
      const { transferId = '' } = bill;
      const [version, eventKey] = from === 'record' ? ['', ''] : [from.version, from.eventKey];
      return (await runScript('billing/bill', {
        keys: {
          ...keys,
          trail: keys.trail(bill.callId),
          bill: keys.bill(bill.id),
          history: keys.historyBills,
          discrepancy: keys.discrepancy(transferId),
          record: keys.record(transferId),
          missingEvent: keys.open('missing-event'),
          differentTarget: keys.open('different-target'),
          unknownTransfer: keys.open('unknown-transfer'),
        },
        args: {
          ...{ version, eventKey, id: bill.id, bill: JSON.stringify(bill), transferId },
          ...keptFor(retentionMs, keepsHistory),
          at: Date.parse(bill.timestamp),
          reportField: reportField(bill),
        },
      })) as 'billed' | 'already' | 'changed';
    },

    async overdue(windowMs, limit): Promise<Overdue> {
      const now = await redisNow(redis);
      const waitedFor = (key: string, ms: number) =>
        redis.zrangebyscore(key, '-inf', now - ms, 'LIMIT', 0, limit);
      const [expected, early, undispatched] = await Promise.all([
        waitedFor(keys.expected, windowMs),
        waitedFor(keys.early, windowMs),
        waitedFor(keys.undispatched, DISPATCH_GRACE_MS),
      ]);
      return { now, expected, early, undispatched: await billsOf(undispatched) };
    },

    async name(discrepancy: Discrepancy, side) {
      const { transferId: id, name } = discrepancy;
      return (await runScript('billing/name', {
        keys: { ...keys, side: keys[side], discrepancy: keys.discrepancy(id), open: keys.open(name) },
        args: { id, discrepancy: JSON.stringify(discrepancy), retentionMs },
      })) as 'named' | 'gone';
    },

    async drop(transferId, side) {
      await redis.zrem(keys[side], transferId);
    },

    async dispatched(id) {
      await redis.zrem(keys.undispatched, id);
    },

    async forgetOld() {
      const before = (await redisNow(redis)) - retentionMs;
      const lists = [keys.undispatched, keys.discrepancies, ...discrepancyNames.map(keys.open)];
      await Promise.all(lists.map((key) => redis.zremrangebyscore(key, '-inf', before)));
      // The list is scored by event time, but a bill of a late event is kept longer: remove only those already deleted.
      const old = await redis.zrangebyscore(keys.bills, '-inf', before, 'LIMIT', 0, FORGOTTEN_AT_ONCE);
      const kept = await Promise.all(old.map((id) => redis.exists(keys.bill(id))));
      const gone = old.filter((_, index) => kept[index] === 0);
      if (gone.length > 0) await redis.zrem(keys.bills, ...gone);
    },

    async matched(at) {
      await redis.set(keys.matchedAt, at);
    },
  };
}

/** Bills are counted by the day (UTC) of their event and by code. */
function reportField({ timestamp, billingCode }: Bill): string {
  return `${timestamp.slice(0, 10)} ${billingCode}`;
}

function parseTrail(fields: [string, string][]): Trail {
  const hash = new Map(fields);
  const events = fields
    .filter(([field]) => field.startsWith('seen:'))
    .map(([field, json]): SeenEvent => {
      const billedAs = hash.get(`billed:${field.slice('seen:'.length)}`);
      return { ...(JSON.parse(json) as SeenEvent), ...(billedAs !== undefined && { billedAs }) };
    });
  return { version: Number(hash.get('version') ?? 0), events };
}

import { randomUUID } from 'node:crypto';
import {
  connectRedis,
  createCounters,
  createLane,
  createRecordStore,
  createTransferStore,
  type RecordStoreOptions,
  type RedisSettings,
} from '@handover/core/redis';
import type { Actor, Deferral, Intent, Mark, Settlement, TransferRequest } from '@handover/core/transfer';
import type { Redis } from 'ioredis';
import { inject } from 'vitest';
import { deleteKeys } from './world.ts';

export const UPSTREAM: Actor = { type: 'apiKey', name: 'crm' };
export const WORKER: Actor = { type: 'worker', name: 'w1' };
export const DEADLINE_MS = 900_000;
export const RETENTION_MS = 60_000;
export const ANSWER_MS = 24 * 3_600_000;
export const GRACE_MS = 5_000;

export type TestLane = ReturnType<typeof openTestLane>;

/** A lane under its own prefix: its stores on real Redis. `close` deletes its keys. */
export function openTestLane(
  settings: RedisSettings = { url: inject('redisUrl') },
  callbacks?: RecordStoreOptions['callbacks'],
) {
  const prefix = `{t-${randomUUID().slice(0, 8)}}`;
  // A Cluster has the same commands; only the types differ.
  const redis = connectRedis(settings, 'wait', 'test') as Redis;
  // Failures show in the commands; a Sentinel that is still starting is expected.
  redis.on('error', () => undefined);
  const lane = createLane('live', prefix);
  const store = createTransferStore(redis, lane, { deadlineMs: DEADLINE_MS });
  const records = createRecordStore(redis, lane, {
    ...{ retentionMs: RETENTION_MS, isBilled: true, callbacks },
    // A busy machine may be late.
    latestFenceMs: 60_000,
  });
  const counters = createCounters(redis, lane);

  return {
    prefix,
    redis,
    lane,
    keys: store.keys,
    store,
    records,
    counters,

    /** The counts of all time, but for how long transfers took. */
    async report() {
      const { timed: _, tookMs: __, ...counts } = (await counters.total()).counts;
      return counts;
    },

    /** Epoch milliseconds by Redis' clock. */
    async now(): Promise<number> {
      const [seconds, microseconds] = await redis.time();
      return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
    },

    /** Accepts a transfer, or fails. Returns its id. */
    async accept(given: Partial<TransferRequest> = {}): Promise<string> {
      const id = randomUUID();
      const accepted = await store.accept({ id, request: requestOf(given), actor: UPSTREAM });
      if (accepted.accepted !== true) throw new Error(`not accepted: ${JSON.stringify(accepted)}`);
      return id;
    },

    /** Begins a run, or fails. Returns its epoch. */
    async begin(id: string): Promise<number> {
      const begun = await records.begin(id);
      if (!begun.begun) throw new Error(`not begun: ${begun.why}`);
      return begun.record.epoch;
    },

    async record(id: string) {
      const found = await store.get(id);
      if (found === undefined) throw new Error(`no transfer ${id}`);
      return found.record;
    },

    async steps(id: string): Promise<string[]> {
      return ((await store.get(id))?.timeline ?? []).map(({ step }) => step);
    },

    holder: (callId: string) => redis.get(store.keys.holder(callId)),

    /** Everything stored of a transfer, to verify that nothing changed. */
    async snapshot(id: string, callId: string) {
      const { keys } = store;
      const [record, timeline, holder, ofCall] = await Promise.all([
        redis.hgetall(keys.record(id)),
        redis.lrange(keys.timeline(id), 0, -1),
        redis.get(keys.holder(callId)),
        redis.zrange(keys.ofCall(callId), '0', '-1'),
      ]);
      const [due, deadlines, dead, unconfirmed, report] = await Promise.all([
        redis.zrange(keys.due, '0', '-1', 'WITHSCORES'),
        redis.zrange(keys.deadlines, '0', '-1', 'WITHSCORES'),
        redis.zrange(keys.dead, '0', '-1'),
        redis.smembers(keys.unconfirmed),
        counters.total(),
      ]);
      return { record, timeline, holder, ofCall, due, deadlines, dead, unconfirmed, report };
    },

    async close(): Promise<void> {
      await deleteKeys(redis, prefix);
      redis.disconnect();
    },
  };
}

export function requestOf(given: Partial<TransferRequest> = {}): TransferRequest {
  return {
    callId: `call-${randomUUID().slice(0, 8)}`,
    userId: 'agent',
    transferType: 'blind',
    target: { type: 'queue', id: 'support' },
    ...given,
  };
}

/** The mark of a call with this version. */
export function markOf(fingerprint = '"1"'): Mark {
  return { dialect: 'voice', fingerprint, leg: null, data: null };
}

export function intentOf(given: Partial<Intent> = {}): Intent {
  return {
    id: randomUUID(),
    at: 0,
    effect: 'move',
    mark: markOf(),
    repeatable: 'same-fingerprint',
    transferType: 'blind',
    target: { type: 'queue', id: 'support' },
    isFallback: false,
    before: {},
    sends: 1,
    state: 'sending',
    ...given,
  };
}

export function deferralOf(given: Partial<Deferral> = {}): Deferral {
  return {
    status: 'delayed',
    nextAt: 0,
    refund: false,
    parked: false,
    intents: [],
    verdict: null,
    serverErrors: 0,
    conflicts: 0,
    unconfirmedReads: 0,
    unconfirmedSince: 0,
    storedEntries: 0,
    ...given,
  };
}

export function settlementOf(given: Partial<Settlement> = {}): Settlement {
  const outcome = { status: 'transferred', confirmedBy: 'answer' } as const;
  return { guard: 'seen', outcome, deadLetter: false, actor: WORKER, ...given };
}

export const failure = { status: 'failed', reason: 'platform-unavailable' } as const;

/** A failed transfer among the dead letters. */
export async function deadLetter(lane: TestLane, given: Partial<TransferRequest> = {}): Promise<string> {
  const id = await lane.accept(given);
  const epoch = await lane.begin(id);
  await lane.records.settle(
    id,
    settlementOf({ guard: 'attempt', epoch, outcome: failure, deadLetter: true }),
    [],
  );
  return id;
}

/** A parked transfer: sent, with an unknown result, its call released. */
export async function parked(lane: TestLane, given: Partial<TransferRequest> = {}): Promise<string> {
  const id = await lane.accept(given);
  const epoch = await lane.begin(id);
  const intents = [intentOf({ state: 'in-doubt' })];
  await lane.records.fence(id, epoch, { intentId: intents[0]?.id ?? '', compared: '', intents }, []);
  await lane.records.defer(
    id,
    epoch,
    deferralOf({ status: 'unconfirmed', parked: true, intents, unconfirmedSince: 1 }),
    [],
  );
  return id;
}

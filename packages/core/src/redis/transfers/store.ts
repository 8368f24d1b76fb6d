import { traceIdOf } from '../../tracing/traceparent.ts';
import type { ByAction } from '../../transfer/stores.ts';
import type {
  Acceptance,
  Actor,
  BadTime,
  IdempotencyKey,
  Outcome,
  Replay,
  Status,
  StoredTransfer,
  Submission,
  TimelineEntry,
  TransferRecord,
} from '../../transfer/words.ts';
import { actorLabel } from '../../transfer/words.ts';
import { auditFields } from '../audit.ts';
import { type RedisClient, redisNow } from '../connection.ts';
import { keptFor } from '../history.ts';
import { type Lane, laneKeys } from '../keys.ts';
import type { Progress } from '../presence.ts';
import type { ReplicatedWriter } from '../replicated.ts';
import { loadScripts, pairs, type ScriptInput } from '../scripts.ts';
import { idempotencyName } from './idempotency.ts';
import { indexesOf } from './indexes.ts';
import { parseRecord } from './record.ts';
import { SWEEP_GRACE_MS } from './record-store.ts';

/** The acceptance is written but may be lost with the primary: the client should repeat it with the same key. */
export class TooFewReplicas extends Error {}

/** How far ahead a transfer may start or expire, in ms. */
export const LONGEST_AHEAD_MS = 30 * 24 * 3_600_000;
/** How old `notBefore` may be: the clocks of upstream and Redis differ. */
const START_TOLERANCE_MS = 60_000;

export type TransferStoreOptions = {
  /** The deadline of a request without `expiresAt`, in ms from acceptance. */
  deadlineMs: number;
  /** The progress that this process saw in Redis. */
  progress?: Pick<Progress, 'saw'> | undefined;
  /** Settled transfers are written to the history. */
  keepsHistory?: boolean | undefined;
  /** An acceptance counts only once enough replicas have it. */
  replicated?: ReplicatedWriter | undefined;
};

export type TransferStore = ReturnType<typeof createTransferStore>;

/** The API's and the sweep's access to transfers in Redis. Every function throws what Redis throws. */
export function createTransferStore(
  redis: RedisClient,
  lane: Lane,
  { deadlineMs, progress, replicated, keepsHistory }: TransferStoreOptions,
) {
  const runScript = loadScripts(redis);
  const keys = laneKeys(lane);
  const keysOf = (id: string) => ({ ...keys, record: keys.record(id), timeline: keys.timeline(id) });

  /** Reserves idempotency key and call and writes the record. `submit` (transfer/submit.ts) adds the job. */
  async function accept(submission: Submission): Promise<Acceptance> {
    const { id, request, actor, idempotency, traceparent } = submission;
    const by = actorLabel(actor);
    const entry: TimelineEntry = { at: 0, step: 'accepted', by, traceId: traceIdOf(traceparent) };
    const { callId, notBefore = '', expiresAt = '' } = request;
    const reply = await writeAcceptance({
      keys: {
        ...keysOf(id),
        holder: keys.holder(callId),
        ofCall: keys.ofCall(callId),
        movedBy: keys.movedBy(callId),
        ...indexesOf(keys, { request, actor }),
        idempotency: idempotency === undefined ? keys.record(id) : idempotencyName(keys, actor, idempotency),
      },
      args: {
        ...{ id, notBefore, expiresAt, deadlineMs, traceparent: traceparent ?? '' },
        request: JSON.stringify(request),
        actor: JSON.stringify({ type: actor.type, name: actor.name }),
        entry: JSON.stringify(entry),
        fingerprint: idempotency?.fingerprint ?? '',
        sweepAfterMs: SWEEP_GRACE_MS,
        startedAgoMs: START_TOLERANCE_MS,
        aheadMs: LONGEST_AHEAD_MS,
      },
    });
    const [what, first = '', second = '', third = '', fourth = ''] = reply;
    if (what === 'accepted') progress?.saw(third);
    if (what === 'accepted') return { accepted: true, id: first, status: second as Status, traceparent };
    if (what === 'replayed') {
      const [status, statusNow] = [second as Status, third as Status | ''];
      return { accepted: 'before', id: first, status, statusNow, traceparent: fourth || undefined };
    }
    if (what === 'call-held') return { accepted: false, why: 'call-held', holder: first };
    if (what === 'bad-times') {
      const times = pairs(reply.slice(1)).map(([field, why]) => ({ field, why }) as BadTime);
      return { accepted: false, why: what, times };
    }
    return { accepted: false, why: what as 'other-body' };
  }

  async function writeAcceptance(input: ScriptInput<'transfers/accept'>): Promise<string[]> {
    if (replicated === undefined) return (await runScript('transfers/accept', input)) as string[];
    const { reply, replicas } = await replicated.run('transfers/accept', input);
    if (replicas < replicated.needed)
      throw new TooFewReplicas(`${replicas} of ${replicated.needed} replicas of Redis have the acceptance`);
    return reply as string[];
  }

  /** The transfer of an idempotency key; used for bodies that cannot be accepted. */
  async function lookUpKey(actor: Actor, idempotency: IdempotencyKey) {
    const [fingerprint, id, status] = await redis.hmget(
      idempotencyName(keys, actor, idempotency),
      'fingerprint',
      'id',
      'status',
    );
    if (fingerprint == null || id == null) return undefined;
    return { sameBody: fingerprint === idempotency.fingerprint, id, status: status as Status };
  }

  async function get(id: string): Promise<StoredTransfer | undefined> {
    const [hash, lines] = await Promise.all([
      redis.hgetall(keys.record(id)),
      redis.lrange(keys.timeline(id), 0, -1),
    ]);
    const record = parseRecord(hash);
    if (record === undefined) return undefined;
    return { record, timeline: lines.map((line) => JSON.parse(line) as TimelineEntry) };
  }

  /** A transfer's record without its timeline. */
  async function recordOf(id: string): Promise<TransferRecord | undefined> {
    return parseRecord(await redis.hgetall(keys.record(id)));
  }

  /** The records of a call's transfers, newest first. */
  async function recordsOfCall(callId: string, limit = 100): Promise<TransferRecord[]> {
    const ids = await redis.zrevrange(keys.ofCall(callId), 0, limit - 1);
    const records = await Promise.all(ids.map(recordOf));
    return records.filter((record) => record !== undefined);
  }

  /** The transfers with these ids, in order, without those that are gone. */
  async function getAll(ids: string[]): Promise<StoredTransfer[]> {
    const found = await Promise.all(ids.map((id) => get(id)));
    return found.filter((transfer) => transfer !== undefined);
  }

  /** The transfers of a call, newest first. */
  async function ofCall(callId: string, limit = 100): Promise<StoredTransfer[]> {
    return getAll(await redis.zrevrange(keys.ofCall(callId), 0, limit - 1));
  }

  /** The dead letters, newest first. Removes those without a record from the list. */
  async function deadLetters(limit = 1_000): Promise<StoredTransfer[]> {
    const ids = await redis.zrevrange(keys.dead, 0, limit - 1);
    const found = await getAll(ids);
    const forgotten = ids.filter((id) => !found.some(({ record }) => record.id === id));
    if (forgotten.length > 0) await redis.zrem(keys.dead, ...forgotten);
    return found;
  }

  /** Restarts a dead letter with the default deadline from now. `replay` (transfer/replay.ts) adds its job. */
  async function replay(id: string, actor: Actor, reason: string, by?: ByAction): Promise<Replay> {
    const entry: TimelineEntry = { at: 0, step: 'replayed', by: actorLabel(actor), detail: reason };
    const [what, first = ''] = (await runScript('transfers/replay', {
      keys: keysOf(id),
      args: {
        ...{ id, deadlineMs, sweepAfterMs: SWEEP_GRACE_MS, deadBy: by?.deadBy ?? '' },
        action: by === undefined ? '' : keys.action(by.id),
        entry: JSON.stringify(entry),
        audit: auditFields(actor, 'replay', id, reason),
        ...{ ofStatus: keys.ofStatus(''), ofReason: keys.ofReason('') },
      },
    })) as [string, string?];
    if (what === 'replayed') return { replayed: true, expiresAt: Number(first) };
    if (what === 'call-held') return { replayed: false, why: 'call-held', holder: first };
    return { replayed: false, why: what as 'unknown' | 'not-dead-letter' };
  }

  async function counts(): Promise<{ open: number; unconfirmed: number; deadLetters: number }> {
    const [open, unconfirmed, dead] = await Promise.all([
      redis.zcard(keys.due),
      redis.scard(keys.unconfirmed),
      redis.zcard(keys.dead),
    ]);
    return { open, unconfirmed, deadLetters: dead };
  }

  /** When the newest dead letter became one, in epoch ms; `undefined` if there is none. */
  async function newestDeadAt(): Promise<number | undefined> {
    const [, score] = await redis.zrevrange(keys.dead, '0', '0', 'WITHSCORES');
    return score === undefined ? undefined : Number(score);
  }

  /** Transfers past their deadline, and those whose job the sweep must check, by Redis' clock; at most `limit` of each. */
  async function overdue(limit: number): Promise<{ deadlines: string[]; due: string[]; now: number }> {
    const [seconds] = await redis.time();
    const now = Number(seconds) * 1000;
    const [deadlines, due] = await Promise.all([
      redis.zrangebyscore(keys.deadlines, '-inf', now, 'LIMIT', 0, limit),
      redis.zrangebyscore(keys.due, '-inf', now, 'LIMIT', 0, limit),
    ]);
    return { deadlines, due, now };
  }

  /** Schedules the next check of these after `againMs`. Settled ones stay removed. */
  async function lookAgain(ids: string[], now: number, againMs: number): Promise<void> {
    if (ids.length > 0) await redis.zadd(keys.due, 'XX', ...ids.flatMap((id) => [String(now + againMs), id]));
  }

  /** Something was sent, so only a worker may settle it: the sweep skips it from now on. */
  async function leaveToWorker(id: string): Promise<void> {
    await redis.zrem(keys.deadlines, id);
  }

  /** Removes dead letters without a record, checking at most `limit` of the oldest. */
  async function forgetDead(limit: number): Promise<void> {
    const ids = await redis.zrange(keys.dead, '0', String(limit - 1));
    const found = await Promise.all(ids.map((id) => redis.exists(keys.record(id))));
    const forgotten = ids.filter((_, index) => found[index] === 0);
    if (forgotten.length === 0) return;
    await redis.zrem(keys.dead, ...forgotten);
    await redis.srem(keys.unconfirmed, ...forgotten);
  }

  /** Records an unreadable job without a record as a dead letter with the reason. Returns when, in epoch ms. */
  async function recordUnreadable(
    id: string,
    detail: string,
    actor: Actor,
    retentionMs: number,
  ): Promise<number> {
    const now = await redisNow(redis);
    const outcome: Outcome = { status: 'failed', reason: 'unreadable-job', detail };
    const entry: TimelineEntry = {
      at: now,
      step: 'outcome',
      by: actorLabel(actor),
      decided: 'failed',
      detail,
    };
    await runScript('transfers/unreadable', {
      keys: {
        ...keysOf(id),
        ofFailed: keys.ofStatus('failed'),
        ofUnreadable: keys.ofReason('unreadable-job'),
        history: keys.historyTransfers,
      },
      args: {
        ...{ id, at: now, ...keptFor(retentionMs, keepsHistory) },
        actor: JSON.stringify(actor),
        outcome: JSON.stringify(outcome),
        entry: JSON.stringify(entry),
      },
    });
    return now;
  }

  return {
    lane,
    keys,
    accept,
    lookUpKey,
    get,
    recordOf,
    recordsOfCall,
    getAll,
    ofCall,
    deadLetters,
    newestDeadAt,
    replay,
    counts,
    overdue,
    lookAgain,
    leaveToWorker,
    forgetDead,
    recordUnreadable,
  };
}

/** Whether the lane has transfers of this call. Throws what Redis throws. */
export async function hasTransfersOf(redis: RedisClient, lane: Lane, callId: string): Promise<boolean> {
  return (await redis.exists(laneKeys(lane).ofCall(callId))) === 1;
}

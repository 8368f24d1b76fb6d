import { Queue } from 'bullmq';
import { TRIED_FOR_MS } from '../../callbacks/deliver.ts';
import type { CallbackStore } from '../../callbacks/ports.ts';
import { transferOfCallback } from '../../transfer/callback-words.ts';
import type { Callback } from '../../transfer/words.ts';
import { auditFields } from '../audit.ts';
import { bullConnection } from '../bull.ts';
import type { RedisClient } from '../connection.ts';
import { CALLBACK_JOB, type CallbackJob } from '../contracts.ts';
import { type Lane, laneKeys } from '../keys.ts';
import { loadScripts } from '../scripts.ts';
import { callbackField, parseRecord } from './record.ts';

export const CALLBACK_QUEUE = 'callbacks';

export type CallbackQueue = Queue<CallbackJob, unknown, typeof CALLBACK_JOB>;

/** The queue of rounds, one job per receiver. The caller closes it and owns the connection. */
export function openCallbackQueue(connection: RedisClient, prefix: string): CallbackQueue {
  return new Queue(CALLBACK_QUEUE, {
    ...bullConnection(connection),
    prefix,
    // A finished job would prevent the next one of its receiver.
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
  });
}

/** The callbacks of a lane, stored in the records of their transfers. Throws what Redis throws. */
export function createCallbackStore(redis: RedisClient, lane: Lane): CallbackStore {
  const runScript = loadScripts(redis);
  const keys = laneKeys(lane);
  return {
    async find(id) {
      const hash = await redis.hgetall(keys.record(transferOfCallback(id)));
      const before = hash[callbackField(id)];
      const record = parseRecord(hash);
      if (before === undefined || record === undefined) return undefined;
      return { callback: JSON.parse(before) as Callback, before, record };
    },

    due: (key, now, limit) => redis.zrangebyscore(keys.callbacks(key), '-inf', now, 'LIMIT', 0, limit),

    async note(key, before, callback, by) {
      const { id, state, nextAt } = callback;
      return (await runScript('transfers/callback', {
        keys: {
          record: keys.record(transferOfCallback(id)),
          callbacks: keys.callbacks(key),
          audit: keys.audit,
        },
        args: {
          ...{ id, field: callbackField(id), before, text: JSON.stringify(callback) },
          nextAt: state === 'waiting' ? nextAt : '',
          keepMs: 2 * TRIED_FOR_MS,
          audit: by === undefined ? '' : auditFields(by, 'send-callback', id),
        },
      })) as 'noted' | 'stale';
    },

    async forget(key, id) {
      await redis.zrem(keys.callbacks(key), id);
    },

    async failingSince(key) {
      const since = await redis.get(keys.callbacksFailing(key));
      return since === null ? undefined : Number(since);
    },

    async fails(key, now) {
      await redis.set(keys.callbacksFailing(key), now, 'PX', 2 * TRIED_FOR_MS, 'NX');
    },

    async recovered(key) {
      await redis.del(keys.callbacksFailing(key));
    },

    async bringForward(key, now) {
      const list = keys.callbacks(key);
      const later = await redis.zrangebyscore(list, `(${now}`, '+inf');
      if (later.length > 0) await redis.zadd(list, 'XX', ...later.flatMap((id) => [String(now), id]));
    },
  };
}

/**
 * Adds the missing job of each receiver for which something is due by `now` (epoch ms), unless it is held off. Nothing else adds
 * these jobs. Throws what BullMQ and Redis throw.
 */
export async function giveReceiversJobs(
  redis: RedisClient,
  queue: CallbackQueue,
  lane: Lane,
  { now, receivers }: { now: number; receivers: readonly string[] },
): Promise<void> {
  const keys = laneKeys(lane);
  const states = await Promise.all(
    receivers.map((key) =>
      Promise.all([
        redis.zcount(keys.callbacks(key), '-inf', now),
        redis.hget(keys.callbacksHoldOff(key), 'until'),
        redis.exists(queue.toKey(jobIdOf(key))),
      ]),
    ),
  );
  for (const [index, key] of receivers.entries()) {
    const [due = 0, heldUntil, stands] = states[index] ?? [];
    if (due === 0 || Number(heldUntil ?? 0) > now || stands === 1) continue;
    await queue.add(CALLBACK_JOB, { v: 1, key }, { jobId: jobIdOf(key) });
  }
}

/** How many wait for this receiver, and since when it has failed (epoch ms). Throws what Redis throws. */
export async function readReceiver(
  redis: RedisClient,
  lane: Lane,
  key: string,
): Promise<{ waiting: number; failingSince: number | undefined }> {
  const keys = laneKeys(lane);
  const [waiting, since] = await Promise.all([
    redis.zcard(keys.callbacks(key)),
    redis.get(keys.callbacksFailing(key)),
  ]);
  return { waiting, failingSince: since === null ? undefined : Number(since) };
}

/** BullMQ takes no id that is a number. */
function jobIdOf(key: string): string {
  return `to-${key}`;
}

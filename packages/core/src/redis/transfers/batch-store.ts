import type { TransferRequest } from '../../transfer/request.ts';
import type { Actor, IdempotencyKey } from '../../transfer/words.ts';
import { type RedisClient, redisNow } from '../connection.ts';
import { type Lane, laneKeys } from '../keys.ts';
import { idempotencyName } from './idempotency.ts';
import { LONGEST_AHEAD_MS } from './store.ts';

const KEPT_AFTER_DEADLINE_MS = 24 * 3_600_000;

/** `isOther`: the key belongs to another batch. `results`: those of its own batch, if known. */
export type Reserved<Result> = { isOther: true } | { isOther: false; results: Result[] | undefined };

/** The idempotency keys of batches. Throws what Redis throws. */
export interface BatchStore<Result> {
  /** Whether the key belongs to another batch. */
  isOther(actor: Actor, key: IdempotencyKey): Promise<boolean>;
  /** Reserves the key for a batch of these requests, or returns its results; kept until a day after the latest deadline. */
  reserve(actor: Actor, key: IdempotencyKey, requests: TransferRequest[]): Promise<Reserved<Result>>;
  /** Stores the results under the key and returns the stored ones: of two concurrent batches the first one's count. */
  keep(actor: Actor, key: IdempotencyKey, results: Result[]): Promise<Result[]>;
}

/** Results are stored as JSON. `deadlineMs`: as in the store of the lane. */
export function createBatchStore<Result>(
  redis: RedisClient,
  lane: Lane,
  { deadlineMs }: { deadlineMs: number },
): BatchStore<Result> {
  const keys = laneKeys(lane);
  const parse = (text: string | null | undefined) =>
    text == null ? undefined : (JSON.parse(text) as Result[]);

  function keptUntil(now: number, requests: TransferRequest[]): number {
    const latest = requests
      .map(({ expiresAt, notBefore = 0 }) => expiresAt ?? Math.max(now, notBefore) + deadlineMs)
      .reduce((one, other) => Math.max(one, other), now);
    // A deadline further ahead will be rejected.
    return Math.min(latest, now + LONGEST_AHEAD_MS + deadlineMs) + KEPT_AFTER_DEADLINE_MS;
  }

  return {
    async isOther(actor, key) {
      const known = await redis.hget(idempotencyName(keys, actor, key), 'fingerprint');
      return known !== null && known !== key.fingerprint;
    },

    async reserve(actor, key, requests) {
      const name = idempotencyName(keys, actor, key);
      const [now, [before, answered]] = await Promise.all([
        redisNow(redis),
        redis.hmget(name, 'fingerprint', 'results'),
      ]);
      // Only the batch itself may set how long its key is kept.
      if (before != null && before !== key.fingerprint) return { isOther: true };
      if (answered != null) return { isOther: false, results: parse(answered) };
      const replies = await redis
        .multi()
        .hsetnx(name, 'fingerprint', key.fingerprint)
        .pexpireat(name, keptUntil(now, requests))
        .hmget(name, 'fingerprint', 'results')
        .exec();
      const error = replies?.find(([failure]) => failure !== null)?.[0];
      if (error) throw error;
      const [known, results] = (replies?.[2]?.[1] ?? []) as (string | null)[];
      return known === key.fingerprint ? { isOther: false, results: parse(results) } : { isOther: true };
    },

    async keep(actor, key, results) {
      const name = idempotencyName(keys, actor, key);
      const isFirst = await redis.hsetnx(name, 'results', JSON.stringify(results));
      if (isFirst === 1) return results;
      return parse(await redis.hget(name, 'results')) ?? results;
    },
  };
}

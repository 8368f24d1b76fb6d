import type { RequestNote } from '../transfer/words.ts';
import { type RedisClient, redisNow } from './connection.ts';
import { type Lane, laneKeys } from './keys.ts';

/** How Genesys answered lately, over all workers. */
export type AnswersLately = {
  /** The minutes counted, the current one included. */
  minutes: number;
  answers: number;
  /** Of these, a 5xx or no answer. */
  failed: number;
  /** Of these, a 429. */
  limited: number;
  /** When the last of these failed, in epoch milliseconds, give or take five seconds; absent if none did. */
  lastFailedAt?: number;
  /** How many came after the minute in which the last one failed. */
  since: number;
};

const MINUTE_MS = 60_000;
const MINUTES = 5;
const WRITE_EVERY_MS = 5_000;
const KEPT_MS = (MINUTES + 2) * MINUTE_MS;

/**
 * Counts the answers of Genesys that this process gets, and adds them to those of all processes in Redis every five seconds, so that
 * a request costs no round trip more. `close` adds the rest.
 */
export function createAnswerTally(redis: RedisClient, lane: Lane) {
  const keys = laneKeys(lane);
  let counted = { answers: 0, failed: 0, limited: 0 };
  let failedAt: number | undefined;
  let writing: Promise<void> | undefined;

  async function write(): Promise<void> {
    const taken = counted;
    if (taken.answers === 0 || redis.status !== 'ready') return;
    counted = { answers: 0, failed: 0, limited: 0 };
    const minute = keys.answers(Math.floor((await redisNow(redis)) / MINUTE_MS));
    const adding = redis.multi();
    if (taken.failed > 0 && failedAt !== undefined) adding.hset(minute, 'failedAt', failedAt);
    for (const [name, count] of Object.entries(taken)) if (count > 0) adding.hincrby(minute, name, count);
    await adding.pexpire(minute, KEPT_MS).exec();
  }

  const writeOnce = () => {
    // What Redis did not take is lost: these figures are for a person who looks now.
    writing ??= write()
      .catch(() => undefined)
      .finally(() => {
        writing = undefined;
      });
    return writing;
  };
  const timer = setInterval(writeOnce, WRITE_EVERY_MS).unref();

  return {
    count({ status }: Pick<RequestNote, 'status'>): void {
      counted.answers += 1;
      if (status === null || status >= 500) {
        counted.failed += 1;
        failedAt = Date.now();
      }
      if (status === 429) counted.limited += 1;
    },
    async close(): Promise<void> {
      clearInterval(timer);
      await writing;
      await writeOnce();
    },
  };
}

/** Reads what all workers counted in the last five minutes. Throws what Redis throws. */
export async function readAnswersLately(redis: RedisClient, lane: Lane): Promise<AnswersLately> {
  const keys = laneKeys(lane);
  const now = Math.floor((await redisNow(redis)) / MINUTE_MS);
  const minutes = Array.from({ length: MINUTES }, (_, back) => keys.answers(now - back));
  // The current minute first.
  const found = await Promise.all(
    minutes.map(async (key) => {
      const values = await redis.hmget(key, 'answers', 'failed', 'limited', 'failedAt');
      const [answers = 0, failed = 0, limited = 0, failedAt = 0] = values.map(Number);
      return { answers, failed, limited, failedAt };
    }),
  );
  const sum = (name: 'answers' | 'failed' | 'limited', of = found) =>
    of.reduce((total, minute) => total + minute[name], 0);
  const latest = found.findIndex(({ failed }) => failed > 0);
  // A worker of a version before this one counts a failure without its time.
  const lastFailedAt = found[latest]?.failedAt || undefined;
  return {
    ...{ minutes: MINUTES, answers: sum('answers'), failed: sum('failed'), limited: sum('limited') },
    ...(lastFailedAt !== undefined && { lastFailedAt }),
    since: latest < 0 ? 0 : sum('answers', found.slice(0, latest)),
  };
}

import { type RedisAccess, type RedisClient, watchAccess } from '@handover/core/queue';
import type { FastifyBaseLogger } from 'fastify';
import { isConnected } from './redis-gate.ts';

const PING_EVERY_MS = 1_000;
const PINGS_UNTIL_RECONNECT = 2;

type Options = {
  prefix: string;
  allowVolatile: boolean;
  log: FastifyBaseLogger;
  /** Called once, with why in words, where Redis would forget what it acknowledged. */
  refuse: (why: string) => void;
};

/**
 * Looks after the connection: asks every Redis that it meets whether it can be used and keeps what it acknowledges
 * (promise 1), tells the log once when Redis is lost and when it is back, and drops a connection that has gone silent, so
 * that a new one is made.
 */
export function watchRedis(redis: RedisClient, { prefix, allowVolatile, log, refuse }: Options) {
  let isLost = false;
  let unanswered = 0;
  let firstAnswer: () => void = () => {};
  const answered = new Promise<void>((resolve) => {
    firstAnswer = resolve;
  });
  let wasRefused = false;
  const access = watchAccess(redis, prefix, (found) => {
    tell(found);
    wasRefused = !found.usable;
    firstAnswer();
  });

  function tell(found: RedisAccess): void {
    if (!found.usable) {
      log.error(`${found.why} Answering 503 until that is mended.`);
      return;
    }
    if (wasRefused) log.info('Redis can be used now');
    const { durability } = found;
    if (durability.durable === 'unknown')
      log.warn({ why: durability.why }, 'whether Redis keeps what it acknowledges cannot be checked');
    if (durability.durable === false) tellVolatile(durability.problems);
  }

  function tellVolatile(problems: string[]): void {
    const why = `Redis may forget accepted transfers: ${problems.join('; ')}.`;
    if (allowVolatile) log.warn(`${why} REDIS_ALLOW_VOLATILE=true accepts that.`);
    else refuse(`${why} Change it, or accept that with REDIS_ALLOW_VOLATILE=true.`);
  }

  function lost(error?: Error): void {
    if (!isLost) log.error({ reason: error?.message }, 'Redis is lost; answering 503 until it is back');
    isLost = true;
  }

  async function ping(): Promise<void> {
    if (!isConnected(redis)) return;
    try {
      await redis.ping();
      unanswered = 0;
    } catch (error) {
      access.suspect(error);
      unanswered++;
      if (unanswered < PINGS_UNTIL_RECONNECT || !isConnected(redis)) return;
      unanswered = 0;
      log.warn('Redis does not answer on this connection; making a new one');
      redis.disconnect(true);
    }
  }

  function back(): void {
    if (isLost) log.info('Redis is back');
    isLost = false;
  }

  const closed = () => lost();
  redis.on('error', lost).on('close', closed).on('ready', back);
  const timer = setInterval(() => {
    ping().catch(() => {});
  }, PING_EVERY_MS);

  return {
    access,
    /** Resolves once it is known whether Redis can be used, or after that long without. */
    async asked(withinMs: number): Promise<void> {
      let timeout: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timeout = setTimeout(resolve, withinMs);
      });
      await Promise.race([answered, late]);
      clearTimeout(timeout);
    },
    /** Leaves the connection to whoever closes it; errors on the way are of no more interest. */
    stop(): void {
      clearInterval(timer);
      access.stop();
      redis.off('error', lost).off('close', closed).off('ready', back);
      redis.on('error', () => {});
    },
  };
}

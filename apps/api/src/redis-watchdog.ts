import { checkDurability, type Durability, type RedisClient } from '@handover/core/queue';
import type { FastifyBaseLogger } from 'fastify';
import { isConnected } from './redis-gate.ts';

const PING_EVERY_MS = 1_000;
const PINGS_UNTIL_RECONNECT = 2;

type Options = {
  allowVolatile: boolean;
  log: FastifyBaseLogger;
  /** Called once, with why in words, where Redis would forget what it acknowledged. */
  refuse: (why: string) => void;
};

/**
 * Looks after the connection: asks every Redis that it meets whether it keeps what it acknowledges (promise 1), tells the
 * log once when Redis is lost and when it is back, and drops a connection that has gone silent, so that a new one is made.
 */
export function watchRedis(redis: RedisClient, { allowVolatile, log, refuse }: Options) {
  let durability: Durability | undefined;
  let isLost = false;
  let unanswered = 0;
  let firstCheck: () => void = () => {};
  const checked = new Promise<void>((resolve) => {
    firstCheck = resolve;
  });

  async function check(): Promise<void> {
    durability = await checkDurability(redis);
    if (durability.durable === 'unknown')
      log.warn({ why: durability.why }, 'whether Redis keeps what it acknowledges cannot be checked');
    if (durability.durable === false) tellVolatile(durability.problems);
    firstCheck();
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
      if (durability === undefined) await check();
      else await redis.ping();
      unanswered = 0;
    } catch {
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
    // Another Redis may answer now, so it is asked again; the next ping does where this fails.
    durability = undefined;
    check().catch(() => {});
  }

  const closed = () => lost();
  redis.on('error', lost).on('close', closed).on('ready', back);
  const timer = setInterval(() => {
    ping().catch(() => {});
  }, PING_EVERY_MS);

  return {
    durability: () => durability,
    /** Resolves once Redis was asked, or after that long without. */
    async asked(withinMs: number): Promise<void> {
      let timeout: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timeout = setTimeout(resolve, withinMs);
      });
      await Promise.race([checked, late]);
      clearTimeout(timeout);
    },
    /** Leaves the connection to whoever closes it; errors on the way are of no more interest. */
    stop(): void {
      clearInterval(timer);
      redis.off('error', lost).off('close', closed).off('ready', back);
      redis.on('error', () => {});
    },
  };
}

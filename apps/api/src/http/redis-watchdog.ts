import {
  neverReached,
  type Progress,
  type RedisAccess,
  type RedisClient,
  type RedisSettings,
  watchAccess,
  watchPresence,
} from '@handover/core/redis';
import type { FastifyBaseLogger } from 'fastify';

type Options = {
  settings: RedisSettings;
  prefix: string;
  allowVolatile: boolean;
  log: FastifyBaseLogger;
  progress: Progress;
  recoveryMs: number;
  neededReplicas: number;
  /** Acceptances wait for replicas. */
  waitsForReplicas: boolean;
  /** The connection was silent for too long and is replaced; the caller should replace its other ones too. */
  onSilent: () => void;
  /** Called with the reason if Redis does not persist what it acknowledges. */
  refuse: (why: string) => void;
};

/**
 * Monitors the connection: checks on each connect that Redis is usable and persists what it acknowledges (promise 1),
 * logs once when Redis is lost and when it is back, and replaces a silent connection.
 */
export function watchRedis(redis: RedisClient, options: Options) {
  const {
    settings,
    prefix,
    allowVolatile,
    log,
    refuse,
    progress,
    recoveryMs,
    neededReplicas,
    waitsForReplicas,
    onSilent,
  } = options;
  let isLost = false;
  let wasReached = redis.status === 'ready';
  let firstAnswer: () => void = () => {};
  const answered = new Promise<void>((resolve) => {
    firstAnswer = resolve;
  });
  let wasRefused = false;
  const access = watchAccess(
    redis,
    prefix,
    (found) => {
      tell(found);
      wasRefused = !found.usable;
      firstAnswer();
    },
    { waitsForReplicas },
  );

  function tell(found: RedisAccess): void {
    if (!found.usable) {
      log.error({ reason: found.why }, 'redis.refused');
      return;
    }
    if (wasRefused) log.info('redis.accepted');
    const { durability } = found;
    if (durability.durable === 'unknown') log.warn({ reason: durability.why }, 'redis.durability-unknown');
    if (durability.durable === false) tellVolatile(durability.problems);
  }

  function tellVolatile(problems: string[]): void {
    const why = `Redis may lose accepted transfers: ${problems.join('; ')}.`;
    if (allowVolatile)
      log.warn({ reason: `${why} REDIS_ALLOW_VOLATILE=true accepts this.` }, 'redis.volatile');
    else refuse(`${why} Change this, or accept it with REDIS_ALLOW_VOLATILE=true.`);
  }

  function lost(error?: Error): void {
    if (!isLost && wasReached) log.error({ err: error }, 'redis.lost');
    if (!isLost && !wasReached) log.error({ reason: neverReached(settings, error) }, 'redis.not-reached');
    isLost = true;
  }

  const presence = watchPresence(redis, {
    prefix,
    recoveryMs,
    neededReplicas,
    progress,
    onForgotten: (reason) => log.error({ reason }, 'redis.forgot'),
    onSilent() {
      log.warn('redis.silent');
      onSilent();
    },
    onError: access.suspect,
  });

  function back(): void {
    if (isLost && wasReached) log.info('redis.back');
    if (isLost && !wasReached) log.info('redis.reached');
    isLost = false;
    wasReached = true;
  }

  const closed = () => lost();
  redis.on('error', lost).on('close', closed).on('ready', back);

  return {
    access,
    presence,
    /** Resolves once it is known whether Redis is usable, or after this time. */
    async asked(withinMs: number): Promise<void> {
      let timeout: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timeout = setTimeout(resolve, withinMs);
      });
      await Promise.race([answered, late]);
      clearTimeout(timeout);
    },
    /** The caller closes the connection; errors until then are ignored. */
    async stop(): Promise<void> {
      access.stop();
      await presence.leave();
      redis.off('error', lost).off('close', closed).off('ready', back);
      redis.on('error', () => {});
    },
  };
}

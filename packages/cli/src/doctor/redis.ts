import { type Check, type Finding, failed, ok, warning } from '@handover/core/checks';
import type { Config } from '@handover/core/config';
import {
  checkAccess,
  connectRedis,
  infoOf,
  type RedisAccess,
  type RedisErrorKind,
  redisNow,
} from '@handover/core/redis';

/** A clock in ms beside this machine's, at one moment. */
export type Clocks = { theirs: number; ours: number };

const WITHIN_MS = 5_000;
const VOLATILE_FIX =
  'set "appendonly yes" and "maxmemory-policy noeviction" in Redis, or accept the loss with REDIS_ALLOW_VOLATILE=true';
const WHERE = 'docs/operations/redis-refuses.md';

/** The checks of Redis. `address`: as it may be shown. They leave nothing behind. The caller closes them. */
export function openRedisChecks(config: Config, address: string) {
  const redis = connectRedis(config.redis, 'wait', 'handover-doctor');
  redis.on('error', () => undefined);
  let access: RedisAccess | undefined;
  let clocks: Clocks | undefined;

  async function check(): Promise<Finding> {
    access = await checkAccess(redis, config.queuePrefix, {
      waitsForReplicas: config.replicas.forIntents > 0,
    });
    if (!access.usable) return unusable(access, address);
    const at = Date.now();
    const started = performance.now();
    const theirs = await redisNow(redis);
    const ms = performance.now() - started;
    clocks = { theirs, ours: at + ms / 2 };
    const version = versionIn((await infoOf(redis)) ?? '');
    return ok(`${version} at ${address}; the user may do everything that is needed`);
  }

  async function checkDurability(): Promise<Finding> {
    if (access?.usable !== true) return failed('not known', 'see Redis');
    const { durability } = access;
    if (durability.durable === true) return ok('keeps an append-only file, and evicts nothing');
    if (durability.durable === 'unknown')
      return warning(durability.why, 'verify that Redis persists every write, and evicts nothing');
    const lost = `Redis may forget accepted transfers: ${durability.problems.join('; ')}`;
    if (config.allowVolatileRedis)
      return warning(`${lost}. REDIS_ALLOW_VOLATILE=true accepts that`, VOLATILE_FIX.split(', or ')[0] ?? '');
    return failed(lost, VOLATILE_FIX);
  }

  const checks: Check[] = [
    { id: 'redis', what: 'Redis', withinMs: WITHIN_MS, run: check },
    {
      ...{ id: 'redis-durability', what: 'Durability of Redis' },
      needs: { id: 'redis', words: 'Redis' },
      run: checkDurability,
    },
  ];
  return { checks, clocks: () => clocks, close: () => redis.disconnect() };
}

const FIXES: Partial<Record<RedisErrorKind, string>> = {
  lost: 'start Redis, or correct REDIS_URL',
  unauthenticated: 'correct the user and the password in REDIS_URL',
  'read-only': 'point REDIS_URL to the primary',
  slots: 'set QUEUE_PREFIX with braces, like {handover}',
  'not-yet': 'wait until it is ready',
  busy: 'wait until its script has ended',
};

function unusable({ kind, why }: Extract<RedisAccess, { usable: false }>, address: string): Finding {
  // The fix of a missing permission is part of the sentence.
  const [what = why, grant] = why.split('. Grant it: ');
  if (grant !== undefined) return failed(`${what} (${address})`, `grant it: ${grant.replace(/\.$/, '')}`);
  if (kind === 'lost') return failed(`Redis at ${address} cannot be reached: ${bare(why)}`, FIXES.lost ?? '');
  return failed(`${why.replace(/\.$/, '')} (${address})`, FIXES[kind] ?? `see ${WHERE}`);
}

function bare(why: string): string {
  return why.replace(/^Redis is unusable: /, '');
}

function versionIn(info: string): string {
  const valkey = /^valkey_version:(\S+)/m.exec(info)?.[1];
  const version = /^redis_version:(\S+)/m.exec(info)?.[1];
  if (valkey !== undefined) return `Valkey ${valkey}`;
  return version === undefined
    ? 'Redis (INFO is not allowed, so its version is not known)'
    : `Redis ${version}`;
}

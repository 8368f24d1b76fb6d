import type { RedisClient } from './connection.ts';
import { redisErrorKind } from './errors.ts';
import { infoOf } from './info.ts';

export type Durability =
  | { durable: true }
  | { durable: false; problems: string[] }
  /** Cannot be checked: `INFO` is forbidden, or `CONFIG` is forbidden (managed Redis) and `INFO` shows no append-only file. */
  | { durable: 'unknown'; why: string };

/** The value in `/readyz`; `not-checked` before the first check. */
export function durabilityWord(durability: Durability | undefined) {
  if (durability === undefined) return 'not-checked';
  if (durability.durable === 'unknown') return 'unknown';
  return durability.durable ? 'durable' : 'volatile';
}

/**
 * Checks that Redis persists what it acknowledges: it must write an append-only file and must not evict (promise 1).
 * `info`: the output of `INFO`, if known. Throws what Redis throws if it is unreachable.
 */
export async function checkDurability(redis: RedisClient, info?: string): Promise<Durability> {
  const told = info ?? (await infoOf(redis));
  if (told === undefined)
    return {
      durable: 'unknown',
      why: 'the Redis user may not run INFO, which shows the version, the append-only file and the memory limit (ACL: +info)',
    };
  const field = (name: string) => told.split(/\r?\n/).flatMap((line) => valueIn(line, name));
  const problems: string[] = [];
  const policy = field('maxmemory_policy').find((value) => value !== 'noeviction');
  if (policy !== undefined)
    problems.push(`its maxmemory-policy is "${policy}" (set "noeviction"), so it may evict transfers`);
  const hasAof = field('aof_enabled').every((value) => value === '1');
  const forbidden = hasAof ? undefined : await whyConfigIsForbidden(redis);
  if (!hasAof && forbidden === undefined)
    problems.unshift(
      'it keeps no append-only file (set "appendonly yes"), so a restart loses accepted transfers',
    );
  if (problems.length > 0) return { durable: false, problems };
  return forbidden === undefined ? { durable: true } : { durable: 'unknown', why: forbidden };
}

function valueIn(line: string, name: string): string[] {
  return line.startsWith(`${name}:`) ? [line.slice(name.length + 1).trim()] : [];
}

/** CONFIG is forbidden on managed Redis, which may persist data in another way. */
async function whyConfigIsForbidden(redis: RedisClient): Promise<string | undefined> {
  try {
    await redis.config('GET', 'appendonly');
    return undefined;
  } catch (error) {
    const kind = redisErrorKind(error);
    // Any other error is an answer too: some managed Redis lack this setting.
    if (kind !== undefined && kind !== 'forbidden' && kind !== 'missing-command') throw error;
    return `INFO shows no append-only file, and CONFIG cannot be read: ${(error as Error).message}`;
  }
}

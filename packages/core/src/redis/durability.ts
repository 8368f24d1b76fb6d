import type { RedisClient } from './connection.ts';
import { redisErrorKind } from './errors.ts';
import { infoOf } from './info.ts';

export type Durability =
  | { durable: true }
  | { durable: false; problems: string[] }
  /** It cannot be checked: `INFO` is forbidden, or a managed Redis, which forbids `CONFIG`, shows no append-only file. */
  | { durable: 'unknown'; why: string };

/** One word for it, as `/readyz` shows it; `not-checked` until Redis was asked. */
export function durabilityWord(durability: Durability | undefined) {
  if (durability === undefined) return 'not-checked';
  if (durability.durable === 'unknown') return 'unknown';
  return durability.durable ? 'durable' : 'volatile';
}

/**
 * Does this Redis keep what it acknowledged? It must write an append-only file and must not evict (promise 1).
 * `info` is what `INFO` says, where it was asked already. Throws what Redis throws when it cannot be reached.
 */
export async function checkDurability(redis: RedisClient, info?: string): Promise<Durability> {
  const told = info ?? (await infoOf(redis));
  if (told === undefined)
    return {
      durable: 'unknown',
      why: 'the Redis user may not run INFO, which tells the version, the append-only file and the memory limit (ACL: +info)',
    };
  const field = (name: string) => told.split(/\r?\n/).flatMap((line) => valueIn(line, name));
  const problems: string[] = [];
  const policy = field('maxmemory_policy').find((value) => value !== 'noeviction');
  if (policy !== undefined)
    problems.push(`its maxmemory-policy is "${policy}" (set "noeviction"), so it may throw transfers away`);
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

/** Who may not ask for its settings has a managed Redis, which may keep its data in a way of its own. */
async function whyConfigIsForbidden(redis: RedisClient): Promise<string | undefined> {
  try {
    await redis.config('GET', 'appendonly');
    return undefined;
  } catch (error) {
    const kind = redisErrorKind(error);
    // An error of its own is an answer too: some managed Redis know no such setting.
    if (kind !== undefined && kind !== 'forbidden' && kind !== 'missing-command') throw error;
    return `INFO shows no append-only file, and CONFIG cannot be read: ${(error as Error).message}`;
  }
}

import type { RedisClient } from './connection.ts';

export type Durability =
  | { durable: true }
  | { durable: false; problems: string[] }
  /** `CONFIG` is forbidden, as on managed Redis: it cannot be checked. */
  | { durable: 'unknown'; why: string };

/**
 * Does this Redis keep what it acknowledged? It must write an append-only file and must not evict (promise 1).
 * Throws what Redis throws when it cannot be reached.
 */
export async function checkDurability(redis: RedisClient): Promise<Durability> {
  let settings: Record<string, string>;
  try {
    settings = {
      ...(await configOf(redis, 'appendonly')),
      ...(await configOf(redis, 'maxmemory-policy')),
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (/unknown command|NOPERM|not allowed|unknown subcommand/i.test(message))
      return { durable: 'unknown', why: message };
    throw error;
  }
  const problems: string[] = [];
  if (settings.appendonly !== 'yes')
    problems.push(
      'it keeps no append-only file (set "appendonly yes"), so a restart loses accepted transfers',
    );
  if (settings['maxmemory-policy'] !== 'noeviction')
    problems.push(
      `its maxmemory-policy is "${settings['maxmemory-policy']}" (set "noeviction"), so it may throw transfers away`,
    );
  return problems.length === 0 ? { durable: true } : { durable: false, problems };
}

async function configOf(redis: RedisClient, setting: string): Promise<Record<string, string>> {
  const reply = (await redis.config('GET', setting)) as unknown;
  if (Array.isArray(reply)) return { [String(reply[0])]: String(reply[1]) };
  return reply as Record<string, string>;
}

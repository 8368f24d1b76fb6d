import { Cluster } from 'ioredis';
import type { RedisClient } from './connection.ts';

const DURABLE: Record<string, string> = { appendonly: 'yes', 'maxmemory-policy': 'noeviction' };

export type Durability =
  | { durable: true }
  | { durable: false; problems: string[] }
  /** `CONFIG` is forbidden, as on managed Redis: it cannot be checked. */
  | { durable: 'unknown'; why: string };

/** One word for it, as `/readyz` shows it; `not-checked` until Redis was asked. */
export function durabilityWord(durability: Durability | undefined) {
  if (durability === undefined) return 'not-checked';
  if (durability.durable === 'unknown') return 'unknown';
  return durability.durable ? 'durable' : 'volatile';
}

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
  if (settings.appendonly !== DURABLE.appendonly)
    problems.push(
      'it keeps no append-only file (set "appendonly yes"), so a restart loses accepted transfers',
    );
  if (settings['maxmemory-policy'] !== DURABLE['maxmemory-policy'])
    problems.push(
      `its maxmemory-policy is "${settings['maxmemory-policy']}" (set "noeviction"), so it may throw transfers away`,
    );
  return problems.length === 0 ? { durable: true } : { durable: false, problems };
}

/** In a Cluster every primary must say the same; the first that differs is the one that counts. */
async function configOf(redis: RedisClient, setting: string): Promise<Record<string, string>> {
  const primaries = redis instanceof Cluster ? redis.nodes('master') : [redis];
  const replies = await Promise.all(primaries.map((node) => node.config('GET', setting)));
  const values = replies.map((reply) => settingOf(reply));
  const differing = values.find((value) => value !== DURABLE[setting]) ?? values[0];
  return differing === undefined ? {} : { [setting]: differing };
}

function settingOf(reply: unknown): string | undefined {
  return Array.isArray(reply) ? String(reply[1]) : Object.values(reply as Record<string, string>)[0];
}

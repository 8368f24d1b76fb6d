import { createHash } from 'node:crypto';
import { Cluster } from 'ioredis';
import { destinationNames } from '../destinations/registry.ts';
import { BILLING_QUEUE, deliveryQueueName } from './billing/jobs.ts';
import type { RedisClient } from './connection.ts';
import { checkDurability, type Durability } from './durability.ts';
import { type RedisErrorKind, redisErrorKind, redisTextKind } from './errors.ts';
import { infoOf } from './info.ts';
import { createLane, laneKeys } from './keys.ts';
import { pairs, readScript } from './scripts.ts';
import { FOLLOW_UP_QUEUE } from './transfers/follow-ups.ts';

/** Whether Redis is usable. `why`: one line for logs and operators, with the fix. */
export type RedisAccess =
  | { usable: true; durability: Durability }
  | { usable: false; kind: RedisErrorKind; why: string };

/** `waitsForReplicas`: also check WAIT, which replicated writes need. */
export type AccessOptions = { waitsForReplicas?: boolean };

/** The oldest version that BullMQ recommends and that was tested. */
const OLDEST = [6, 2] as const;
/** Expected errors: a script that Redis has not cached, and consequences of a refused MULTI. */
const EXPECTED = /^(?:NOSCRIPT|EXECABORT|ERR EXEC without MULTI|ERR WAIT cannot be used with replica)/;
/** The time-out of a whole check, in ms. */
const CHECK_MS = 5_000;

/**
 * Checks over a separate connection everything that Handover needs: user, database, version, every command of every script, keys
 * and channels under this prefix, blocking reads, transactions, and whether Redis persists what it acknowledges. Leaves nothing
 * behind. Never throws.
 */
export async function checkAccess(
  redis: RedisClient,
  prefix: string,
  { waitsForReplicas = false }: AccessOptions = {},
): Promise<RedisAccess> {
  const scratch = connectScratch(redis);
  const handshake: Error[] = [];
  scratch.on('error', (error: Error) => handshake.push(error));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('Command timed out')), CHECK_MS);
  });
  try {
    return await Promise.race([late, ask(scratch, prefix, handshake, waitsForReplicas)]);
  } catch (error) {
    // The first error explains more than those that followed from it.
    return unusable([...handshake, error].find((one) => redisErrorKind(one) !== undefined) ?? error);
  } finally {
    clearTimeout(timer);
    scratch.disconnect();
  }
}

function connectScratch(redis: RedisClient): RedisClient {
  if (redis instanceof Cluster)
    return redis.duplicate([], { clusterRetryStrategy: () => null, enableOfflineQueue: true });
  return redis.duplicate({
    connectionName: 'handover-check',
    enableReadyCheck: false,
    enableOfflineQueue: true,
    maxRetriesPerRequest: 0,
    reconnectOnError: null,
    retryStrategy: () => null,
  });
}

async function ask(
  redis: RedisClient,
  prefix: string,
  handshake: Error[],
  waitsForReplicas: boolean,
): Promise<RedisAccess> {
  const keys = [`${prefix}:probe`, `${prefix}:probe:marker:${process.pid}-${Date.now()}`] as const;
  const { channels, places } = whatIsUsed(prefix);
  const refusals: Refusal[] = [];
  const attempt = async (what: string, asked: () => Promise<unknown>) => {
    try {
      return await asked();
    } catch (error) {
      const kind = redisErrorKind(error);
      if (kind === undefined && EXPECTED.test((error as Error).message)) return undefined;
      if (kind === undefined || kind === 'lost') throw error;
      // A full Redis still allows reading and settling; readiness and submissions report that it is full.
      if (kind !== 'full') refusals.push({ what, kind, text: reasonOf(error as Error) });
      return undefined;
    }
  };

  await attempt('PING', () => redis.ping());
  const database = handshake.find(({ message }) => /select|DB index/i.test(message));
  if (database !== undefined) {
    const refusal = { what: 'SELECT', kind: redisErrorKind(database), text: database.message };
    return (
      (refusal.kind === 'forbidden' && inOneLine([{ ...refusal, kind: 'forbidden' }], redis, prefix)) ||
      unusable(database)
    );
  }
  const info = await infoOf(redis);
  const version = versionProblem(info ?? '');
  if (version !== undefined) return { usable: false, kind: 'missing-command', why: version };
  const lua = readScript('probe');
  const args = [channels.length, ...channels, ...places];
  const refused = (await attempt('EVAL', () => redis.eval(lua, keys.length, ...keys, ...args))) ?? [];
  // An unknown script: Redis answers NOSCRIPT if the user may run EVALSHA, else NOPERM.
  await attempt('EVALSHA', () => redis.evalsha(createHash('sha1').update(prefix).digest('hex'), 1, keys[0]));
  await attempt('BZPOPMIN', () => redis.bzpopmin(keys[1], 0.01));
  if (waitsForReplicas) await attempt('WAIT', () => redis.wait(0, 1));
  await attempt('MULTI', () => transaction(redis, keys[0]));
  for (const channel of channels) await attempt(`channel ${channel}`, () => redis.subscribe(channel));
  refusals.push(...refusalsOf(refused as string[]));
  const told = inOneLine(refusals, redis, prefix);
  return told ?? { usable: true, durability: await checkDurability(redis, info) };
}

/** The error of a discarded transaction has its cause attached. */
function reasonOf(error: Error & { previousErrors?: Error[] }): string {
  return (error.previousErrors?.[0] ?? error).message;
}

/** Runs a transaction, as BullMQ does to add several jobs. */
async function transaction(redis: RedisClient, key: string): Promise<void> {
  await redis.multi().exists(key).exec();
}

function whatIsUsed(prefix: string): { channels: string[]; places: string[] } {
  const lanes = (['live', 'simulated'] as const).map((name) => createLane(name, prefix));
  const queues = [
    ...lanes.map(({ queue }) => queue),
    FOLLOW_UP_QUEUE,
    BILLING_QUEUE,
    ...destinationNames.map(deliveryQueueName),
  ];
  return {
    channels: lanes.map((lane) => laneKeys(lane).changed),
    places: [...lanes.map(({ name }) => name), ...queues].map((place) => `${prefix}:${place}:probe`),
  };
}

/** The message if Redis is too old, else `undefined`. Valkey also reports a compatible Redis version. */
export function versionProblem(info: string): string | undefined {
  const text = /^redis_version:(\S+)/m.exec(info)?.[1] ?? '';
  const [major = 0, minor = 0] = text.split('.').map(Number);
  const [oldest, oldestMinor] = OLDEST;
  if (text === '' || major > oldest || (major === oldest && minor >= oldestMinor)) return undefined;
  return `This is Redis ${text}; Handover needs ${OLDEST.join('.')} or newer, or Valkey.`;
}

type Refusal = { what: string; kind: RedisErrorKind; text: string };

function refusalsOf(flat: string[]): Refusal[] {
  return pairs(flat).map(([what, text]) => ({ what, text, kind: redisTextKind(text) ?? 'missing-command' }));
}

/** These cause the other refusals, and no permission would help. */
const FIRST: RedisErrorKind[] = ['read-only', 'not-yet', 'busy', 'cannot-write', 'cluster', 'slots'];

function inOneLine(refusals: Refusal[], redis: RedisClient, prefix: string): RedisAccess | undefined {
  if (refusals.length === 0) return undefined;
  const first = refusals.find(({ kind }) => FIRST.includes(kind));
  if (first !== undefined) return unusable(new Error(first.text));
  const missing = names(refusals.filter(({ kind }) => kind === 'missing-command'));
  if (missing.length > 0)
    return {
      usable: false,
      kind: 'missing-command',
      why: `This Redis lacks commands that Handover needs: ${missing.join(', ')}. They were renamed or disabled; restore them.`,
    };
  const [commands, keys, channels] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const { what, text } of refusals) {
    const [place, name = ''] = what.split(' ');
    if (KEY_WORDS.test(text)) keys.add(place === 'key' ? name.replace(/:probe$/, ':*') : `${prefix}:*`);
    else if (CHANNEL_WORDS.test(text)) channels.add(name);
    else commands.add(commandOf(what, text));
  }
  const user = (redis instanceof Cluster ? redis.options.redisOptions : redis.options)?.username ?? 'default';
  const parts = [
    ...(commands.size > 0 ? [`run ${[...commands].join(', ')}`] : []),
    ...(keys.size > 0 ? [`use the keys ${[...keys].join(', ')}`] : []),
    ...(channels.size > 0 ? [`use the channels ${[...channels].join(', ')}`] : []),
  ];
  const grants = [
    ...[...commands].map((name) => `+${name.toLowerCase()}`),
    ...(keys.size > 0 ? [`~${prefix}:*`] : []),
    ...(channels.size > 0 ? [`&${prefix}:*`] : []),
  ];
  const why = `The Redis user "${user}" may not ${parts.join(', nor ')}. Grant it: ACL SETUSER ${user} ${grants.join(' ')}`;
  return { usable: false, kind: 'forbidden', why: `${why} (docs/deployment.md, "The Redis user").` };
}

const KEY_WORDS = /access (?:a key|one of the keys|at least one of the keys)/;
const CHANNEL_WORDS = /access (?:a channel|one of the channels)|publish to the channel/;

/** The refused command: named by Redis' message for a key, a channel or a transaction. */
function commandOf(what: string, text: string): string {
  const named = /run the '([a-z|]+)' command/.exec(text)?.[1];
  if (named !== undefined) return named.toUpperCase();
  if (what.startsWith('channel ')) return 'PUBLISH';
  return what.startsWith('key ') ? 'SET' : what;
}

function names(refusals: Refusal[]): string[] {
  return [...new Set(refusals.map(({ what, text }) => commandOf(what, text)))];
}

/** Advice for operators; Redis' own message is appended, which contains no secret. */
const ADVICE: Partial<Record<RedisErrorKind, string>> = {
  unauthenticated: 'Redis rejects the user or password of REDIS_URL',
  'read-only': 'Redis is a read-only replica; REDIS_URL must point to the primary',
  'not-yet': 'Redis is not ready yet',
  'cannot-write': 'Redis does not accept writes',
  slots: 'QUEUE_PREFIX needs braces, like {handover}, so that all keys are in one Cluster slot',
};

function unusable(error: unknown): RedisAccess {
  const text = error instanceof Error ? error.message : String(error);
  const kind = redisErrorKind(error) ?? 'missing-command';
  const advice = ADVICE[kind] ?? 'Redis is unusable';
  return { usable: false, kind, why: `${advice}: ${text.split('\n')[0]?.trim()}` };
}

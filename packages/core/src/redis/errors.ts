/** The kinds of errors of Redis or its connection. A closed set. */
export type RedisErrorKind =
  /** No connection, no answer in time, or the connection broke before the answer. */
  | 'lost'
  /** Its memory limit is reached. */
  | 'full'
  /** A replica: the old primary after a failover, or a host name that points to the wrong server. */
  | 'read-only'
  /** It is loading data, or is a replica that has lost its primary. */
  | 'not-yet'
  /** A long-running script blocks it, or our script was killed. */
  | 'busy'
  /** It does not accept writes: a disk failure, or too few replicas. */
  | 'cannot-write'
  /** The Cluster does not serve this slot, or it moved to another node. */
  | 'cluster'
  /** The keys of a script are in several Cluster slots: `QUEUE_PREFIX` lacks braces. */
  | 'slots'
  /** The user lacks permission for a command, a key or a channel. */
  | 'forbidden'
  /** The user or password is wrong or missing. */
  | 'unauthenticated'
  /** The command does not exist here: it was renamed or disabled. */
  | 'missing-command';

const CODES: Record<string, RedisErrorKind> = {
  OOM: 'full',
  READONLY: 'read-only',
  LOADING: 'not-yet',
  MASTERDOWN: 'not-yet',
  BUSY: 'busy',
  UNKILLABLE: 'busy',
  MISCONF: 'cannot-write',
  NOREPLICAS: 'cannot-write',
  CLUSTERDOWN: 'cluster',
  TRYAGAIN: 'cluster',
  MOVED: 'cluster',
  ASK: 'cluster',
  CROSSSLOT: 'slots',
  NOPERM: 'forbidden',
  NOAUTH: 'unauthenticated',
  WRONGPASS: 'unauthenticated',
};

/**
 * Messages of Redis 7 and Valkey begin with the code. Up to 6.2, in scripts, it follows
 * "ERR Error running script (call to f_…): @user_script:1: @user_script: 1: -"; BullMQ prepends its own text.
 */
const CODE = new RegExp(`(?:^|: ?)-?(${Object.keys(CODES).join('|')})\\s`);

/** Messages without a code, of Redis 6.2, Redis 7, Valkey and ioredis. */
const WORDS: [RegExp, RedisErrorKind][] = [
  [/The user executing the script can't |ACL failure in script/, 'forbidden'],
  [/unknown (?:redis )?(?:sub)?command|wrong number of arguments for 'hello'/i, 'missing-command'],
  [/Script killed by user/, 'busy'],
  [/^Too many Cluster redirections/, 'cluster'],
  [
    /^(?:Command timed out|Connection is closed|Stream isn't writeable|Cluster isn't ready|None of startup nodes|Failed to refresh slots|Socket timeout|Socket closed unexpectedly)/,
    'lost',
  ],
];

const LOST_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
const LOST_NAMES = new Set([
  'MaxRetriesPerRequestError',
  'ClusterAllFailedError',
  'AbortError',
  'ConnectionClosedError',
]);

/**
 * The kind of a Redis error, also if its message is embedded in another text. `undefined` for a bug of ours (`WRONGTYPE`, a Lua
 * error) or an unrelated error.
 */
export function redisErrorKind(error: unknown): RedisErrorKind | undefined {
  if (!(error instanceof Error)) return undefined;
  // A discarded transaction and an unreachable Cluster have their cause attached.
  const { code, previousErrors, lastNodeError } = error as Error & {
    code?: unknown;
    previousErrors?: unknown;
    lastNodeError?: unknown;
  };
  const reasons: unknown[] = Array.isArray(previousErrors) ? previousErrors : [lastNodeError];
  const reason = reasons.map(redisErrorKind).find((kind) => kind !== undefined);
  if (reason !== undefined) return reason;
  const inText = redisTextKind(error.message);
  if (inText !== undefined) return inText;
  const isLost = LOST_NAMES.has(error.name) || (typeof code === 'string' && LOST_CODES.has(code));
  return isLost ? 'lost' : undefined;
}

/** The same for a bare message, as from `redis.pcall` in a script. */
export function redisTextKind(text: string): RedisErrorKind | undefined {
  const code = CODE.exec(text)?.[1];
  if (code !== undefined) return CODES[code];
  return WORDS.find(([words]) => words.test(text))?.[1];
}

/** What an error of Redis, or of the connection to it, means for what was asked. A closed set. */
export type RedisErrorKind =
  /** No connection, no answer in time, or the connection broke before the answer came. */
  | 'lost'
  /** Its memory limit is reached. */
  | 'full'
  /** A replica: after a failover the old primary, or a name that points to the wrong server. */
  | 'read-only'
  /** It is loading its data, or is a replica that has lost its primary. */
  | 'not-yet'
  /** Somebody's script keeps it from answering, or ours was killed. */
  | 'busy'
  /** It takes no writes: its disk, or too few replicas. */
  | 'cannot-write'
  /** The Cluster does not serve this slot now, or another node does by now. */
  | 'cluster'
  /** The keys of one script lie in several slots of a Cluster: `QUEUE_PREFIX` lacks its braces. */
  | 'slots'
  /** The user may not do this: a command, a key or a channel. */
  | 'forbidden'
  /** The user or the password is wrong, or is missing. */
  | 'unauthenticated'
  /** This server has no such command: it was renamed or turned off. */
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
 * Redis 7 and Valkey begin with the code. Up to 6.2 what a command in a script answers stands behind
 * "ERR Error running script (call to f_…): @user_script:1: @user_script: 1: -", and BullMQ puts words of its own in front.
 */
const CODE = new RegExp(`(?:^|: ?)-?(${Object.keys(CODES).join('|')})\\s`);

/** What carries no code of its own, in the words of Redis 6.2, Redis 7 and Valkey. */
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
 * What kind of Redis trouble this error is, wherever in its text Redis' own words stand; `undefined` where it is none: a
 * mistake of ours (`WRONGTYPE`, a Lua error), or an error of something else.
 */
export function redisErrorKind(error: unknown): RedisErrorKind | undefined {
  if (!(error instanceof Error)) return undefined;
  // A transaction that was discarded, and a Cluster that cannot be reached, carry the reason with them.
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

/** The same of a text alone, as a script sees it that asks with `redis.pcall`. */
export function redisTextKind(text: string): RedisErrorKind | undefined {
  const code = CODE.exec(text)?.[1];
  if (code !== undefined) return CODES[code];
  return WORDS.find(([words]) => words.test(text))?.[1];
}

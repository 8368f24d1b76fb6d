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

const LOST_WORDS =
  /^(Command timed out|Connection is closed|Stream isn't writeable|Cluster isn't ready|None of startup nodes|Failed to refresh slots)/;

const REFUSED_WORDS =
  /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|MISCONF|NOAUTH|WRONGPASS|NOPERM|BUSY |UNKILLABLE)/;

/** Redis is away, does not answer in time, or answers that it cannot serve now. */
export function isRedisFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && LOST_CODES.has(code)) return true;
  return LOST_NAMES.has(error.name) || LOST_WORDS.test(error.message) || REFUSED_WORDS.test(error.message);
}

/** Redis takes no more: its memory limit is reached. */
export function isRedisFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { previousErrors } = error as { previousErrors?: unknown };
  if (Array.isArray(previousErrors) && previousErrors.some(isRedisFull)) return true;
  return /(^|\s)OOM command not allowed/.test(error.message);
}

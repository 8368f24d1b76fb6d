/** The response header with the limit of a token, in requests per minute. */
export const LIMIT = 'inin-ratelimit-allowed';
/** How many requests of the running minute are spent, by all who use this token, and how many seconds are left of it. */
export const COUNT = 'inin-ratelimit-count';
export const RESET = 'inin-ratelimit-reset';

type Headers = Readonly<Record<string, string>>;

/** The limit that the headers of an answer report, in requests per minute. Pure. */
export function requestsAllowed({ [LIMIT]: allowed }: Headers): number | undefined {
  return allowed !== undefined && /^[1-9]\d{0,8}$/.test(allowed) ? Number(allowed) : undefined;
}

/** What the headers of an answer say about the token's minute; `undefined` without a limit. Pure. */
export type Rate = { allowed: number; count: number | undefined; resetSeconds: number | undefined };

export function rateIn(headers: Headers): Rate | undefined {
  const allowed = requestsAllowed(headers);
  if (allowed === undefined) return undefined;
  const whole = (text = '') => (/^\d{1,9}$/.test(text) ? Number(text) : undefined);
  return { allowed, count: whole(headers[COUNT]), resetSeconds: whole(headers[RESET]) };
}

/** The response header with the limit of a token, in requests per minute. */
export const LIMIT = 'inin-ratelimit-allowed';

/** The limit that the headers of an answer report, in requests per minute. Pure. */
export function requestsAllowed({ [LIMIT]: allowed }: Readonly<Record<string, string>>): number | undefined {
  return allowed !== undefined && /^[1-9]\d{0,8}$/.test(allowed) ? Number(allowed) : undefined;
}

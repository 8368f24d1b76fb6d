/** The version of a call, including quotes and `W/`. */
export const ETAG = 'etag';
export const LIMIT = 'inin-ratelimit-allowed';

/** The voice API's limit of requests per minute, if reported. Pure. */
export function requestsAllowed({ [LIMIT]: allowed }: Readonly<Record<string, string>>): number | undefined {
  return allowed !== undefined && /^[1-9]\d{0,8}$/.test(allowed) ? Number(allowed) : undefined;
}

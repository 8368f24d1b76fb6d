/** The version of a call, with its quotes and `W/` as they come. */
export const ETAG = 'etag';
export const LIMIT = 'inin-ratelimit-allowed';

/** How many requests a minute the voice API allows, where it says so. Pure. */
export function requestsAllowed({ [LIMIT]: allowed }: Readonly<Record<string, string>>): number | undefined {
  return allowed !== undefined && /^[1-9]\d{0,8}$/.test(allowed) ? Number(allowed) : undefined;
}

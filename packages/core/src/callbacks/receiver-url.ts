import { isIP } from 'node:net';
import { isPublic } from './addresses.ts';

/**
 * Why callbacks do not go to this URL, in words; `undefined` if they do, as far as can be told without looking up its name: the
 * addresses of a name are checked at each connection.
 */
export function whyNotCalled(text: string, allowPrivate: boolean): string | undefined {
  if (!URL.canParse(text)) return 'is not a URL';
  const { protocol, username, password, hostname, hash } = new URL(text);
  if (protocol !== 'https:' && protocol !== 'http:') return 'is not a URL with https';
  if (username !== '' || password !== '') return 'must not contain a user or password';
  if (hash !== '') return 'must not contain a fragment, which is never sent';
  if (protocol === 'http:' && !allowPrivate)
    return 'must use https; http is for private addresses, which need CALLBACK_ALLOW_PRIVATE=true';
  const place = placeOf(hostname);
  if (place === 'inside' && !allowPrivate)
    return `leads to ${hostname}, which is not on the public internet (set CALLBACK_ALLOW_PRIVATE=true if that is meant)`;
  if (place === 'public' && protocol === 'http:')
    return `must use https, since ${hostname} is not a private address`;
  return undefined;
}

/** Where a host is, if its text says so. The URL parser has already normalised every spelling of an IPv4 address. */
function placeOf(hostname: string): 'inside' | 'public' | 'unknown' {
  const host = hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
  if (isIP(host) > 0) return isPublic(host) ? 'public' : 'inside';
  return host === 'localhost' || host.endsWith('.localhost') ? 'inside' : 'unknown';
}

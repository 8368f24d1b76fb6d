import { BlockList, isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { Api } from '../parts.ts';

export type PublicSettings = {
  /** The public URL of this API; takes precedence over the proxy's headers. */
  readonly publicUrl?: string | undefined;
  /** Addresses, or networks as `address/bits`. */
  readonly trustedProxies: readonly string[];
};

const LOOPBACK = ['127.0.0.0/8', '::1'];
/** Safe in headers and HTML without escaping; no `//`, which would be another host, and no dot segments. */
const PLAIN_PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)+$/;

/**
 * Sets `publicPath` on every request: from PUBLIC_URL, else from `X-Forwarded-Prefix` if it is a plain path and the request
 * comes from loopback or one of TRUSTED_PROXIES.
 */
export function addPublicPath(app: Api, { publicUrl, trustedProxies }: PublicSettings): void {
  const fixed = publicUrl === undefined ? undefined : new URL(publicUrl).pathname.replace(/\/+$/, '');
  const isTrusted = addressTest([...LOOPBACK, ...trustedProxies]);
  app.decorateRequest('publicPath', '');
  app.addHook('onRequest', async (request) => {
    request.publicPath = fixed ?? forwardedPrefix(request, isTrusted);
  });
}

function forwardedPrefix(
  { headers, socket }: FastifyRequest,
  isTrusted: (address: string) => boolean,
): string {
  const given = headers['x-forwarded-prefix'];
  if (typeof given !== 'string' || !isTrusted(socket.remoteAddress ?? '')) return '';
  const path = given.replace(/\/$/, '');
  return path.length <= 200 && PLAIN_PATH.test(path) ? path : '';
}

/** Returns a test whether an address is in this list of addresses and networks; also for IPv4 in IPv6 form. */
export function addressTest(list: readonly string[]): (address: string) => boolean {
  const known = new BlockList();
  for (const entry of list) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) known.addAddress(address, family);
    else known.addSubnet(address, Number(bits), family);
  }
  return (address) => {
    const family = isIP(address);
    return family !== 0 && known.check(address, family === 6 ? 'ipv6' : 'ipv4');
  };
}

/**
 * Rewrites the absolute links of HTML pages to the client's path prefix. Applies to routes registered later in the same
 * scope.
 */
export function movePages(app: Api): void {
  app.addHook('onSend', async (request, reply, payload) => {
    const isPage = String(reply.getHeader('content-type')).startsWith('text/html');
    if (request.publicPath === '' || !isPage || !(typeof payload === 'string' || Buffer.isBuffer(payload)))
      return payload;
    const moved = payload
      .toString()
      .replaceAll(/ (href|src)="\/(docs|admin\/queues)/g, ` $1="${request.publicPath}/$2`);
    reply.header('content-length', Buffer.byteLength(moved));
    return moved;
  });
}

import dns from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Not reachable over the public internet, by the registries of IANA: special purposes, multicast and reserved. */
const SPECIAL_V4 = [
  ...([
    '0.0.0.0/8',
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '172.16.0.0/12',
  ] as const),
  ...(['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15'] as const),
  ...(['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'] as const),
];
/** Only these IPv6 addresses are assigned to hosts on the internet, except … */
const GLOBAL_V6 = '2000::/3';
/** … these: Teredo and other special purposes, documentation, and 6to4, which contains any IPv4 address. */
const SPECIAL_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];
/** Translates to the IPv4 address in its last 32 bits (NAT64), which then counts. */
const TRANSLATED_V6 = '64:ff9b::/96';

const specialV4 = listOf('ipv4', SPECIAL_V4);
const specialV6 = listOf('ipv6', SPECIAL_V6);
const globalV6 = listOf('ipv6', [GLOBAL_V6]);
const translatedV6 = listOf('ipv6', [TRANSLATED_V6]);

/** Whether this is the address of a host on the public internet; `false` for anything else, also for what is no address. */
export function isPublic(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !specialV4.check(address, 'ipv4');
    case 6:
      if (address.includes('%')) return false;
      if (translatedV6.check(address, 'ipv6')) return isPublic(lastIPv4(address));
      return globalV6.check(address, 'ipv6') && !specialV6.check(address, 'ipv6');
    default:
      return false;
  }
}

/** The code of a connection that was not made because of its address. */
export const ADDRESS_REFUSED = 'ERR_ADDRESS_REFUSED';

/** Like `dns.lookup` with `all`. */
export type Resolve = (
  host: string,
  options: dns.LookupOptions & { all: true },
  found: (error: NodeJS.ErrnoException | null, addresses: dns.LookupAddress[]) => void,
) => void;

/**
 * A look-up for sockets that returns only allowed addresses, and fails with `ERR_ADDRESS_REFUSED` if none is. A socket connects
 * to exactly what it returns, so a name that resolves to something else a moment later changes nothing.
 */
export function guardedLookup(
  isAllowed: (address: string) => boolean,
  resolve: Resolve = dns.lookup,
): LookupFunction {
  return (host, options, found) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      const allowed = error === null ? addresses.filter(({ address }) => isAllowed(address)) : [];
      const [first] = allowed;
      if (error !== null || first === undefined) return found(error ?? refusal(), '');
      if (options.all === true) found(null, allowed);
      else found(null, first.address, first.family);
    });
  };
}

function refusal(): NodeJS.ErrnoException {
  return Object.assign(new Error('no address of this name is allowed'), { code: ADDRESS_REFUSED });
}

function listOf(family: 'ipv4' | 'ipv6', networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    list.addSubnet(address, Number(bits), family);
  }
  return list;
}

function lastIPv4(address: string): string {
  const groups = new URL(`http://[${address}]`).hostname.slice(1, -1).split(':').slice(-2);
  const [high = 0, low = 0] = groups.map((group) => Number.parseInt(group || '0', 16));
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}

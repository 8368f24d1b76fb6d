import { connect as connectPlain } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import { type Finding, failed, ok } from './check.ts';

/** How to correct the address of what is connected to, such as "correct BILLING_URL". */
export type Place = { url: string; correct: string };

/**
 * Connects to the host of a URL, with TLS for `https:`, and sends nothing over it. Finds out how long that took, or why it failed.
 */
export async function checkConnection(place: Place, timeoutMs: number): Promise<Finding> {
  const { protocol, hostname, port } = new URL(place.url);
  const isSecure = protocol === 'https:';
  const host = hostname.replace(/^\[|\]$/g, '');
  const to = { host, port: Number(port) || (isSecure ? 443 : 80) };
  const started = performance.now();
  const code = await new Promise<string | undefined>((resolve) => {
    // A name for the certificate; an address has none.
    const socket = isSecure
      ? connectSecure({ ...to, servername: /[a-z]/i.test(host) ? host : '' })
      : connectPlain(to);
    const timer = setTimeout(() => end('ETIMEDOUT'), timeoutMs);
    function end(why?: string) {
      clearTimeout(timer);
      socket.destroy();
      resolve(why);
    }
    socket.once(isSecure ? 'secureConnect' : 'connect', () => end());
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
  if (code !== undefined) return noConnection(place, code);
  return ok(`${hostOf(place.url)} accepts connections (${Math.round(performance.now() - started)} ms)`);
}

/** Explains a failed connection by the code of its error, also where text follows the code. Pure. */
export function noConnection({ url, correct }: Place, why: string): Finding {
  const host = hostOf(url);
  const code = /^[A-Z][A-Z0-9_]+/.exec(why)?.[0] ?? why;
  switch (code) {
    case 'ENOTFOUND':
      return failed(`the name of ${host} does not exist in DNS`, `${correct}, or the DNS of this machine`);
    case 'EAI_AGAIN':
      return failed(`DNS does not answer for ${host}`, 'correct the DNS of this machine');
    case 'ECONNREFUSED':
      return failed(`nothing listens at ${host}`, `${correct}, or start what listens there`);
    case 'EPROTO':
      return failed(`${host} does not speak TLS`, `${correct}: http:// in place of https:// without TLS`);
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)/.test(code))
    return failed(
      `the certificate of ${host} is not accepted (${code})`,
      `${correct}; if a proxy inspects TLS, give Node its certificate: NODE_EXTRA_CA_CERTS=<file>`,
    );
  const words = /^(no answer within|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)/.test(why)
    ? 'cannot be reached'
    : 'breaks';
  const open = 'allow outgoing connections to it in the firewall; a proxy of the environment is not used';
  return failed(`the connection to ${host} ${words}: ${why}`, `${correct}, or ${open}`);
}

/** The host of a URL, with its port where it names one. */
export function hostOf(url: string): string {
  return new URL(url).host;
}

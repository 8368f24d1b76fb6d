import http from 'node:http';
import https from 'node:https';
import type { LookupFunction, Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Shorter than the idle time-out of load balancers (60 s), so that our side closes idle connections. */
const LONGEST_IDLE_MS = 30_000;
const LONGEST_CONNECT_MS = 3_000;

type Args = Parameters<http.Agent['createConnection']>;

export type Lookups = { plain: LookupFunction; secure: LookupFunction };

/**
 * The keep-alive connections of one wire. HTTP/1.1 only, so that a broken connection affects one request. A connect may take
 * 3 s, including DNS and the TLS handshake. `lookups`: look up names in place of the system's resolver, for each protocol.
 */
export function createConnections(lookups?: Lookups) {
  const open = new WeakSet<Duplex>();

  /** `ready`: the event after which request bytes can be sent. */
  function bounded(socket: Duplex | null | undefined, ready: 'connect' | 'secureConnect') {
    const made = socket as Socket;
    const timer = setTimeout(() => made.destroy(late()), LONGEST_CONNECT_MS);
    made.once(ready, () => {
      clearTimeout(timer);
      // Runs before the request writes: this listener was added before that of the request.
      open.add(made);
    });
    made.once('close', () => clearTimeout(timer));
    return made;
  }

  class PlainAgent extends http.Agent {
    override createConnection(...args: Args) {
      return bounded(super.createConnection(...args), 'connect');
    }
  }
  class SecureAgent extends https.Agent {
    override createConnection(...args: Args) {
      return bounded(super.createConnection(...args), 'secureConnect');
    }
  }

  const options = { keepAlive: true, timeout: LONGEST_IDLE_MS };
  const plain = new PlainAgent({ ...options, lookup: lookups?.plain });
  const secure = new SecureAgent({ ...options, lookup: lookups?.secure });
  return {
    agentFor: (protocol: string): http.Agent => (protocol === 'https:' ? secure : plain),
    /** Whether this connection was ever established; before that, no request byte can have been sent. */
    stood: (socket: Duplex | null): boolean => socket !== null && open.has(socket),
    close: () => {
      plain.destroy();
      secure.destroy();
    },
  };
}

function late(): Error {
  return Object.assign(new Error(`no connection within ${LONGEST_CONNECT_MS} ms`), { code: 'ETIMEDOUT' });
}

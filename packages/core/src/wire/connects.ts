import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Shorter than what load balancers wait (60 s), so that it is we who close what is idle. */
const LONGEST_IDLE_MS = 30_000;
const LONGEST_CONNECT_MS = 3_000;

type Args = Parameters<http.Agent['createConnection']>;

/**
 * The kept connections of one wire, `http:` and `https:`, HTTP/1.1 only: so a broken connection is one request that may have
 * arrived. A connect may take 3 s, with the look-up of its name and the TLS handshake.
 */
export function createConnections() {
  const open = new WeakSet<Duplex>();

  /** `ready`: the event after which bytes of a request can leave. */
  function bounded(socket: Duplex | null | undefined, ready: 'connect' | 'secureConnect') {
    const made = socket as Socket;
    const timer = setTimeout(() => made.destroy(late()), LONGEST_CONNECT_MS);
    made.once(ready, () => {
      clearTimeout(timer);
      // Before the bytes: this listener was there before that of the request, which writes on the same event.
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
  const plain = new PlainAgent(options);
  const secure = new SecureAgent(options);
  return {
    agentFor: (protocol: string): http.Agent => (protocol === 'https:' ? secure : plain),
    /** Did this connection ever stand? Before that no byte of a request can have left. */
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

import type { Socket } from 'node:net';
import { buildConnector } from 'undici';

type Connector = buildConnector.connector;

/**
 * Connects, with the TLS handshake, that end after `timeoutMs`: undici's own limit ticks twice a second and counts ticks.
 * `failed` tells the errors of connects from all others; `destroy` ends those under way.
 */
export function createConnects(timeoutMs: number) {
  // Without HTTP/2 a broken connection is one request that may have arrived. It gives the socket, though its type does not say so.
  const start = buildConnector({ timeout: 0, allowH2: false }) as (...args: Parameters<Connector>) => Socket;
  const underWay = new Set<Socket>();
  const errors = new WeakSet<Error>();

  const connect: Connector = (options, callback) => {
    const timer = setTimeout(() => socket.destroy(late(timeoutMs)), timeoutMs);
    const socket = start(options, (...result) => {
      clearTimeout(timer);
      underWay.delete(socket);
      if (result[0] !== null) errors.add(result[0]);
      callback(...result);
    });
    underWay.add(socket);
    return socket;
  };

  return {
    connect,
    failed: (error: unknown) => error instanceof Error && errors.has(error),
    destroy: () => {
      for (const socket of underWay) socket.destroy(new Error('closed'));
    },
  };
}

function late(timeoutMs: number): Error {
  return Object.assign(new Error(`no connection within ${timeoutMs} ms`), { code: 'ETIMEDOUT' });
}

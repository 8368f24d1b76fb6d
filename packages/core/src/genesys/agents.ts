import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';

export const CONNECT_TIMED_OUT = 'ECONNECTTIMEOUT';

/** Ends a connection attempt that hangs; an agent's own `timeout` does not. */
function limitConnect<S extends Duplex | null | undefined>(socket: S, event: string, timeoutMs: number): S {
  if (socket === null || socket === undefined) return socket;
  const timer = setTimeout(() => {
    const message = `no connection within ${timeoutMs} ms`;
    socket.destroy(Object.assign(new Error(message), { code: CONNECT_TIMED_OUT }));
  }, timeoutMs);
  const clear = () => clearTimeout(timer);
  socket.once(event, clear).once('close', clear);
  return socket;
}

class ConnectLimitedHttpAgent extends http.Agent {
  readonly #timeoutMs: number;
  constructor(timeoutMs: number, options: http.AgentOptions) {
    super(options);
    this.#timeoutMs = timeoutMs;
  }
  override createConnection(...args: Parameters<http.Agent['createConnection']>) {
    return limitConnect(super.createConnection(...args), 'connect', this.#timeoutMs);
  }
}

class ConnectLimitedHttpsAgent extends https.Agent {
  readonly #timeoutMs: number;
  constructor(timeoutMs: number, options: https.AgentOptions) {
    super(options);
    this.#timeoutMs = timeoutMs;
  }
  override createConnection(...args: Parameters<https.Agent['createConnection']>) {
    return limitConnect(super.createConnection(...args), 'secureConnect', this.#timeoutMs);
  }
}

/** Keep-alive agents whose connects end after `connectTimeoutMs`. The caller destroys them. */
export function createAgents(connectTimeoutMs: number) {
  const options = { keepAlive: true, maxFreeSockets: 64 };
  const httpAgent = new ConnectLimitedHttpAgent(connectTimeoutMs, options);
  const httpsAgent = new ConnectLimitedHttpsAgent(connectTimeoutMs, options);
  return {
    httpAgent,
    httpsAgent,
    destroy: () => {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}

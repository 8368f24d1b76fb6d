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

/** The same agent, whose connects end after `timeoutMs`; `event` is what its sockets emit once they are connected. */
function limitConnects<A extends http.Agent>(agent: A, event: string, timeoutMs: number): A {
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (...args) => limitConnect(connect(...args), event, timeoutMs);
  return agent;
}

/** Keep-alive agents whose connects end after `connectTimeoutMs`. The caller destroys them. */
export function createAgents(connectTimeoutMs: number) {
  const options = { keepAlive: true, maxFreeSockets: 64 };
  const httpAgent = limitConnects(new http.Agent(options), 'connect', connectTimeoutMs);
  const httpsAgent = limitConnects(new https.Agent(options), 'secureConnect', connectTimeoutMs);
  return {
    httpAgent,
    httpsAgent,
    destroy: () => {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}

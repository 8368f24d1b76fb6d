import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Api } from '../parts.ts';

declare module 'fastify' {
  interface FastifyInstance {
    isStopping: () => boolean;
  }
}

const LOOK_EVERY_MS = 50;
const DRAIN_MS = 1_000;

/**
 * Graceful shutdown: the server keeps serving for up to `drainMs`, each answer with `Connection: close`, until no connection
 * is open; then it stops listening and completes requests in progress. Idle connections are closed.
 * `release` ends waits and streams, which would hold their connections. `app.isStopping()`: whether shutdown has begun.
 */
export function drainOnClose(app: Api, release: () => void, drainMs = DRAIN_MS): void {
  let isStopping = false;
  app.decorate('isStopping', () => isStopping);
  const open = new Set<Socket>();
  app.server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  app.addHook('onSend', async (_request, reply) => {
    if (isStopping) reply.header('connection', 'close');
  });
  app.addHook('preClose', async () => {
    isStopping = true;
    release();
    await untilNoConnection(app.server, drainMs);
    // A request that ends while the server closes would otherwise keep its connection open until the client leaves.
    const timer = setInterval(() => {
      app.server.closeIdleConnections();
      // Node does not treat a connection without any request as idle.
      for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
    }, LOOK_EVERY_MS);
    app.server.once('close', () => clearInterval(timer));
  });
}

async function untilNoConnection(server: Server, withinMs: number): Promise<void> {
  const until = performance.now() + withinMs;
  while (performance.now() < until && (await openConnections(server)) > 0)
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
}

function openConnections(server: Server): Promise<number> {
  return new Promise((resolve) => server.getConnections((error, count) => resolve(error ? 0 : count)));
}

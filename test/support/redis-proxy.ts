import net from 'node:net';

/**
 * Forwards connections on a port of its own to that port of this machine. Held, what Redis answers stays back until it
 * is released; silenced, what is connected stays open and nothing goes through it any more, either way. Shut, it takes no
 * new connection until it is opened, and ends those that are named.
 */
export async function startRedisProxy(target: number) {
  const upstreams = new Set<net.Socket>();
  const sockets = new Set<net.Socket>();
  let isShut = false;
  const server = net.createServer((client) => {
    if (isShut) return void client.destroy();
    const upstream = net.connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => {}));
    upstreams.add(upstream);
    client.pipe(upstream).pipe(client);
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    hold: () => {
      for (const upstream of upstreams) upstream.pause();
    },
    release: () => {
      for (const upstream of upstreams) upstream.resume();
    },
    silence: () => {
      for (const socket of sockets) {
        socket.unpipe();
        socket.resume();
      }
    },
    /** `isEnded`: of which connections, by the port from which they come to Redis. */
    shut: (isEnded: (port: number) => boolean) => {
      isShut = true;
      for (const upstream of upstreams) if (isEnded(upstream.localPort ?? 0)) upstream.destroy();
    },
    open: () => {
      isShut = false;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

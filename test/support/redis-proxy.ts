import net from 'node:net';

/** So many bytes of what a connection says first are kept: enough to tell who it is. */
const KEPT_BYTES = 512;

/**
 * Forwards connections on a port of its own to that port of this machine. Held, what Redis answers stays back until it
 * is released; silenced, what is connected stays open and nothing goes through it any more, either way. Shut, it takes no
 * new connection until it is opened, and ends those that are named. Refusing, it ends the connections that say who they are
 * and are refused, old ones at once and new ones as soon as they say it, until it is opened.
 */
export async function startRedisProxy(target: number) {
  const upstreams = new Set<net.Socket>();
  const sockets = new Set<net.Socket>();
  /** What each connection has said first. */
  const heads = new Map<net.Socket, string>();
  let isShut = false;
  let isRefused = (_head: string) => false;
  const server = net.createServer((client) => {
    if (isShut) return void client.destroy();
    const upstream = net.connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => {}));
    upstreams.add(upstream);
    // Before it is forwarded, so that nothing of a connection that is refused goes through.
    client.on('data', (said) => {
      const head = heads.get(upstream) ?? '';
      if (head.length >= KEPT_BYTES) return;
      heads.set(upstream, head + said.toString('latin1', 0, KEPT_BYTES - head.length));
      if (isRefused(heads.get(upstream) ?? '')) upstream.destroy();
    });
    client.pipe(upstream).pipe(client);
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => {
      heads.delete(upstream);
      client.destroy();
    });
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
    /** `isEnded`: of which connections, by the port from which they come to Redis and the first bytes that they sent. */
    shut: (isEnded: (port: number, head: string) => boolean) => {
      isShut = true;
      for (const upstream of upstreams)
        if (isEnded(upstream.localPort ?? 0, heads.get(upstream) ?? '')) upstream.destroy();
    },
    /** Of which connections, by the first bytes that they sent, as latin1. */
    refuse: (isNowRefused: (head: string) => boolean) => {
      isRefused = isNowRefused;
      for (const [upstream, head] of heads) if (isRefused(head)) upstream.destroy();
    },
    open: () => {
      isShut = false;
      isRefused = () => false;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

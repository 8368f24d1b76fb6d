import net from 'node:net';

/** The number of first bytes kept of each connection: enough to identify it. */
const KEPT_BYTES = 512;

/**
 * Forwards connections from its own port to this local port. Held: answers are withheld. Silenced: no data flows either way.
 * Shut: accepts no new connection and closes the given ones. Refusing: closes connections, old and new, by their first bytes.
 */
export async function startRedisProxy(target: number) {
  const upstreams = new Set<net.Socket>();
  const sockets = new Set<net.Socket>();
  /** The first bytes of each connection. */
  const heads = new Map<net.Socket, string>();
  let isShut = false;
  let isRefused = (_head: string) => false;
  const server = net.createServer((client) => {
    if (isShut) return void client.destroy();
    const upstream = net.connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => {}));
    upstreams.add(upstream);
    // Before forwarding, so that no byte of a refused connection passes.
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
    /** `isEnded` selects connections by their source port to Redis and their first bytes. */
    shut: (isEnded: (port: number, head: string) => boolean) => {
      isShut = true;
      for (const upstream of upstreams)
        if (isEnded(upstream.localPort ?? 0, heads.get(upstream) ?? '')) upstream.destroy();
    },
    /** Selects connections by their first bytes, as latin1. */
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

import { once } from 'node:events';
import net from 'node:net';

// Below the ephemeral ports, and above those that fetch refuses.
const FIRST = 11_000;
const SLICE = 1_000;
const SLICES = 20;

let next = Math.floor(Math.random() * SLICE);

/**
 * A free port of 127.0.0.1, unique within this run: parallel files have separate ports,
 * so that nothing takes this one before a process listens there.
 */
export async function freePort(): Promise<number> {
  const slice = Number(process.env.VITEST_POOL_ID ?? 0) % SLICES;
  for (let tries = 0; tries < SLICE; tries += 1) {
    const port = FIRST + slice * SLICE + (next % SLICE);
    next += 1;
    if (await isFree(port)) return port;
  }
  throw new Error(`no port is free from ${FIRST + slice * SLICE} on`);
}

async function isFree(port: number): Promise<boolean> {
  const server = net.createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch {
    return false;
  }
  await new Promise((resolve) => server.close(resolve));
  return true;
}

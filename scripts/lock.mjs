// A cross-process lock of this folder: a listening socket, so it is released however its holder ends.
import { mkdirSync, rmSync } from 'node:fs';
import net from 'node:net';
import { dirname, relative } from 'node:path';

/**
 * Takes the lock at `path`, or returns undefined if another process holds it.
 * @returns {Promise<{ release(): Promise<void> } | undefined>}
 */
export async function takeLock(path) {
  mkdirSync(dirname(path), { recursive: true });
  // Socket paths are limited to about 100 characters.
  const address = relative(process.cwd(), path);
  for (let triesLeft = 2; ; triesLeft--) {
    const server = net.createServer((socket) => socket.destroy());
    const code = await listen(server, address);
    if (code === undefined) {
      server.unref();
      return { release: () => new Promise((resolve) => server.close(() => resolve())) };
    }
    // The file system does not support sockets: continue without a lock.
    if (code !== 'EADDRINUSE') return { release: async () => {} };
    if (triesLeft === 0 || (await isHeld(address))) return undefined;
    rmSync(path, { force: true });
  }
}

function listen(server, address) {
  return new Promise((resolve) => {
    server.once('error', (error) => resolve(error.code ?? 'unknown'));
    server.listen(address, () => resolve(undefined));
  });
}

function isHeld(address) {
  return new Promise((resolve) => {
    const socket = net.connect(address);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

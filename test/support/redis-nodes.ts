import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { PATIENCE_MS } from './patience.ts';

type Command = [string, ...(string | number)[]];

/** Queries one node over a new connection. Returns `undefined` if it does not answer within a second, or refuses. */
export async function askNode(port: number, command: Command, password?: string): Promise<unknown> {
  const client = new Redis(port, '127.0.0.1', {
    retryStrategy: () => null,
    lazyConnect: true,
    enableReadyCheck: false,
    commandTimeout: 1_000,
    ...(password !== undefined && { password }),
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await client.call(...command);
  } catch {
    return undefined;
  } finally {
    client.disconnect();
  }
}

/** Polls until there is a result; fails with the description of the wait. */
export async function untilFound<T>(what: string, find: () => Promise<T | undefined>): Promise<T> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await find();
    if (found !== undefined) return found;
    if (performance.now() > giveUpAt) throw new Error(`not in time: ${what}`);
    await sleep(100);
  }
}

import type { RedisClient } from './connection.ts';

/** One pair of eyes on one transfer. */
export type Watch = {
  /** Resolves when the transfer changed since the last call, when that long passed without, or when the watch ended. */
  next(withinMs: number): Promise<'changed' | 'quiet' | 'ended'>;
  end(): void;
};

const FOLLOW_AGAIN_MS = 2_000;

export type Changes = ReturnType<typeof createChanges>;

/**
 * Follows the channels on which lanes tell that a transfer's timeline grew, over one connection per process.
 * A notification is only a wake-up: a waiter that is woken reads the record again. After a lost connection all are woken.
 * @param subscriber a connection of its own, which waits for Redis; closed by the caller
 * @param channels   the `changed` channels of the lanes
 */
export function createChanges(subscriber: RedisClient, channels: string[]) {
  const watches = new Map<string, Set<() => void>>();
  const open = new Set<Watch>();
  let released = false;
  const keyOf = (channel: string, id: string) => `${channel}\n${id}`;

  subscriber.on('message', (channel: string, id: string) => {
    for (const wake of watches.get(keyOf(channel, id)) ?? []) wake();
  });
  const wakeAll = () => {
    for (const wakes of watches.values()) for (const wake of wakes) wake();
  };
  // Woken only once Redis listens again, so that no change falls between. Lost before that, the next `ready` tries again.
  const follow = () => {
    subscriber.subscribe(...channels).then(wakeAll, () => {
      if (subscriber.status !== 'ready') return;
      wakeAll();
      // Refused: the right may come without a new connection.
      setTimeout(() => {
        if (!released && subscriber.status === 'ready') follow();
      }, FOLLOW_AGAIN_MS).unref();
    });
  };
  subscriber.on('ready', follow);
  if (subscriber.status === 'ready') follow();

  function watch(channel: string, id: string): Watch {
    const key = keyOf(channel, id);
    let state: 'changed' | 'quiet' | 'ended' = released ? 'ended' : 'quiet';
    let settle: (() => void) | undefined;

    const wake = () => {
      if (state === 'quiet') state = 'changed';
      settle?.();
    };
    const end = () => {
      state = 'ended';
      settle?.();
      open.delete(self);
      const wakes = watches.get(key);
      wakes?.delete(wake);
      if (wakes?.size === 0) watches.delete(key);
    };
    const next = (withinMs: number) =>
      new Promise<'changed' | 'quiet' | 'ended'>((resolve) => {
        const timer = setTimeout(() => settle?.(), withinMs);
        settle = () => {
          clearTimeout(timer);
          settle = undefined;
          const seen = state;
          if (state === 'changed') state = 'quiet';
          resolve(seen);
        };
        if (state !== 'quiet') settle();
      });

    const self: Watch = { next, end };
    if (!released) {
      open.add(self);
      watches.set(key, (watches.get(key) ?? new Set()).add(wake));
    }
    return self;
  }

  /** Ends every watch, and those to come: the process is closing. */
  function release(): void {
    released = true;
    for (const one of open) one.end();
  }

  return { watch, release, watching: () => open.size };
}

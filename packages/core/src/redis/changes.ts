import type { RedisClient } from './connection.ts';

/** A subscription to the changes of one transfer, or of all (`ANY`). */
export type Watch = {
  /** Resolves when the transfer has changed since the last call, after `withinMs` without a change, or when the watch ended. */
  next(withinMs: number): Promise<'changed' | 'quiet' | 'ended'>;
  end(): void;
};

const FOLLOW_AGAIN_MS = 2_000;
/** Watches every transfer of a channel. */
export const ANY = '';

export type Changes = ReturnType<typeof createChanges>;

/**
 * Subscribes to the `changed` channels of the lanes, over one connection per process (`subscriber`, patience `wait`, closed by
 * the caller). A notification is only a wake-up: the waiter reads the record again. After a lost connection all are woken.
 */
export function createChanges(subscriber: RedisClient, channels: string[]) {
  const watches = new Map<string, Set<() => void>>();
  const open = new Set<Watch>();
  let released = false;
  const keyOf = (channel: string, id: string) => `${channel}\n${id}`;

  subscriber.on('message', (channel: string, id: string) => {
    for (const wake of watches.get(keyOf(channel, id)) ?? []) wake();
    for (const wake of watches.get(keyOf(channel, ANY)) ?? []) wake();
  });
  const wakeAll = () => {
    for (const wakes of watches.values()) for (const wake of wakes) wake();
  };
  // Wake only after the subscription, so that no change is missed. If the connection is lost first, the next `ready` retries.
  const follow = () => {
    subscriber.subscribe(...channels).then(wakeAll, () => {
      if (subscriber.status !== 'ready') return;
      wakeAll();
      // Refused: the permission may be granted without a reconnect.
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

  /** Ends all current and future watches, at shutdown. */
  function release(): void {
    released = true;
    for (const one of open) one.end();
  }

  return { watch, release, watching: () => open.size };
}

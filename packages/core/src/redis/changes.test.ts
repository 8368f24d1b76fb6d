import { EventEmitter } from 'node:events';
import { expect, test, vi } from 'vitest';
import { createChanges } from './changes.ts';
import type { RedisClient } from './connection.ts';

function setUp(status = 'connecting') {
  const subscribe = vi.fn(async () => {});
  const subscriber = Object.assign(new EventEmitter(), { subscribe, status });
  const changes = createChanges(subscriber as unknown as RedisClient, ['live', 'simulated']);
  return {
    changes,
    tell: (channel: string, id: string) => subscriber.emit('message', channel, id),
    subscriber,
  };
}

test('a watch is woken by changes of its own transfer in its own lane', async () => {
  const { changes, tell } = setUp();
  const watch = changes.watch('live', 'a');
  tell('live', 'b');
  tell('simulated', 'a');
  expect(await watch.next(1)).toBe('quiet');
  const next = watch.next(60_000);
  tell('live', 'a');
  expect(await next).toBe('changed');
  watch.end();
});

test('a change between two looks is not missed, and many count as one', async () => {
  const { changes, tell } = setUp();
  const watch = changes.watch('live', 'a');
  tell('live', 'a');
  tell('live', 'a');
  expect(await watch.next(60_000)).toBe('changed');
  expect(await watch.next(1)).toBe('quiet');
  watch.end();
});

test('a subscription that is back wakes everybody, and not before it is', async () => {
  const { changes, subscriber } = setUp();
  const watches = [changes.watch('live', 'a'), changes.watch('simulated', 'b')];
  const next = watches.map((watch) => watch.next(60_000));
  let answer = () => {};
  subscriber.subscribe.mockReturnValue(
    new Promise<void>((resolve) => {
      answer = resolve;
    }),
  );
  subscriber.emit('ready');
  expect(subscriber.subscribe).toHaveBeenLastCalledWith('live', 'simulated');
  const quiet = changes.watch('live', 'c');
  expect(await quiet.next(1)).toBe('quiet');
  answer();
  expect(await Promise.all(next)).toEqual(['changed', 'changed']);
  for (const watch of [...watches, quiet]) watch.end();
});

test.each([
  ['refused wakes everybody all the same', 'ready', 'changed'],
  ['lost leaves that to the next one', 'reconnecting', 'quiet'],
])('a subscription that is %s', async (_, status, seen) => {
  const { changes, subscriber } = setUp();
  const watch = changes.watch('live', 'a');
  subscriber.subscribe.mockRejectedValue(new Error('no'));
  subscriber.emit('ready');
  subscriber.status = status;
  expect(await watch.next(10)).toBe(seen);
  watch.end();
});

test('a connection that is ready from the start is subscribed at once', () => {
  const { subscriber } = setUp('ready');
  expect(subscriber.subscribe).toHaveBeenCalledTimes(1);
});

test('ending a watch wakes who waits on it and forgets it', async () => {
  const { changes, tell } = setUp();
  const watch = changes.watch('live', 'a');
  const next = watch.next(60_000);
  watch.end();
  watch.end();
  expect(await next).toBe('ended');
  tell('live', 'a');
  expect(await watch.next(60_000)).toBe('ended');
  expect(changes.watching()).toBe(0);
});

test('releasing ends all watches, and those to come', async () => {
  const { changes } = setUp();
  const next = [changes.watch('live', 'a'), changes.watch('live', 'a')].map((watch) => watch.next(60_000));
  changes.release();
  expect(await Promise.all(next)).toEqual(['ended', 'ended']);
  expect(await changes.watch('live', 'b').next(60_000)).toBe('ended');
});

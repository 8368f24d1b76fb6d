import { EventEmitter } from 'node:events';
import { createChanges, type RedisClient, type TransferStore } from '@handover/core/redis';
import type { FastifyReply } from 'fastify';
import { expect, test } from 'vitest';
import { watchTransfer } from './outcome.ts';

function setUp({ destroyed }: { destroyed: boolean }) {
  const subscriber = Object.assign(new EventEmitter(), { subscribe: async () => {} });
  const changes = createChanges(subscriber as unknown as RedisClient, ['live']);
  const raw = Object.assign(new EventEmitter(), { destroyed });
  const store = { keys: { changed: 'live' } } as Pick<TransferStore, 'keys'>;
  return {
    changes,
    raw,
    watch: () => watchTransfer(changes, store, 'a', { raw } as unknown as FastifyReply),
  };
}

test('a watch ends with the connection of its client', async () => {
  const { changes, raw, watch } = setUp({ destroyed: false });
  const next = watch().next(60_000);
  expect(changes.watching()).toBe(1);
  raw.emit('close');
  expect(await next).toBe('ended');
  expect(changes.watching()).toBe(0);
});

test('a client that went away before is not watched for', async () => {
  const { changes, watch } = setUp({ destroyed: true });
  expect(await watch().next(60_000)).toBe('ended');
  expect(changes.watching()).toBe(0);
});

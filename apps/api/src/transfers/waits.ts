import { type Actor, actorLabel } from '@handover/core/transfer';
import type { FastifyReply } from 'fastify';
import { Problem } from '../http/problems.ts';

export type Waits = ReturnType<typeof createWaits>;

/**
 * Counts the streams and waits that each key holds open, up to `most`.
 * `open` gives whether one more may be opened; it counts until the reply was sent or its connection closed.
 */
export function createWaits(most: number) {
  const held = new Map<string, number>();

  function open(actor: Actor, { raw }: FastifyReply): boolean {
    const key = actorLabel(actor);
    const count = held.get(key) ?? 0;
    if (count >= most) return false;
    // Also where the client went away before: then there is nothing to count.
    if (raw.destroyed) return true;
    held.set(key, count + 1);
    raw.once('close', () => {
      const left = (held.get(key) ?? 1) - 1;
      if (left === 0) held.delete(key);
      else held.set(key, left);
    });
    return true;
  }

  return { most, open };
}

/** The problem of a key that may open no more. */
export function tooManyWaits({ most }: Waits): Problem {
  const detail = `This key has ${most} waits and streams open, the most that it may: close some, or ask for transfers by GET.`;
  return new Problem('too-many-waits', detail, {}, { 'retry-after': '5' });
}

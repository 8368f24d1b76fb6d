import { type Actor, actorLabel } from '@handover/core/transfer';
import type { FastifyReply } from 'fastify';
import { Problem } from '../http/problems.ts';

export type Waits = ReturnType<typeof createWaits>;

/**
 * Limits the streams and waits that each API key holds open to `most`.
 * `take` returns how to give one back, or undefined if there is none left. `open` returns whether one more may be opened; it counts
 * until the reply was sent or its connection closed.
 */
export function createWaits(most: number) {
  const held = new Map<string, number>();

  function take(actor: Actor): (() => void) | undefined {
    const key = actorLabel(actor);
    const count = held.get(key) ?? 0;
    if (count >= most) return undefined;
    held.set(key, count + 1);
    return () => {
      const left = (held.get(key) ?? 1) - 1;
      if (left === 0) held.delete(key);
      else held.set(key, left);
    };
  }

  function open(actor: Actor, { raw }: FastifyReply): boolean {
    const release = take(actor);
    if (release === undefined) return false;
    // The client has already disconnected, so there is nothing to count.
    if (raw.destroyed) release();
    else raw.once('close', release);
    return true;
  }

  return { most, take, open };
}

/** The problem for a key at its limit. */
export function tooManyWaits({ most }: Waits): Problem {
  const detail = `This API key has ${most} waits and streams open, which is the limit: close some, or poll with GET.`;
  return new Problem('too-many-waits', detail, {}, { 'retry-after': '5' });
}

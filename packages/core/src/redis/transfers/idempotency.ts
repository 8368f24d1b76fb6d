import { createHash } from 'node:crypto';
import { type Actor, actorLabel, type IdempotencyKey } from '../../transfer/words.ts';
import type { LaneKeys } from '../keys.ts';

/** The Redis key of an `Idempotency-Key`, which belongs to one API key and one route. */
export function idempotencyName(
  keys: LaneKeys,
  actor: Actor,
  { route, key }: Pick<IdempotencyKey, 'route' | 'key'>,
): string {
  const text = [route, actorLabel(actor), key].join('\n');
  return keys.idempotency(createHash('sha256').update(text).digest('hex'));
}

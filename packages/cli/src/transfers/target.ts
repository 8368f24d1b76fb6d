import type { Target } from '@handover/client';
import { UsageError } from '../command.ts';
import { didYouMean } from '../nearest.ts';

const TYPES = ['queue', 'user', 'skillGroup', 'address'] as const satisfies Target['type'][];

/** Reads `queue:queue-support`. Throws a UsageError. */
export function targetOf(given: string, option: string): Target {
  const colon = given.indexOf(':');
  const [named, id] = [given.slice(0, Math.max(colon, 0)), given.slice(colon + 1)];
  const type = TYPES.find((one) => one.toLowerCase() === named.toLowerCase());
  if (type === undefined || id === '') {
    const meant = colon > 0 && type === undefined ? didYouMean(named, TYPES) : '';
    throw new UsageError(
      `${option} must be <type>:<id>, such as queue:queue-support, with a type of ${TYPES.join(', ')}; not "${given}".${meant}`,
    );
  }
  return { type, id };
}

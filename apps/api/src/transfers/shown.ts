import { readPace } from '@handover/core/redis';
import type { Mode, Pace } from '@handover/core/transfer';
import type { ApiParts } from '../parts.ts';

/** What the view of a transfer needs beside it. */
export type Shown = { mode: Mode; pace: Pace };

/** As it is now. Throws what Redis throws. */
export async function shownNow({
  redis,
  live,
  config,
}: Pick<ApiParts, 'redis' | 'live' | 'config'>): Promise<Shown> {
  return { mode: config.mode, pace: await readPace(redis, live.store.lane, live.queue) };
}

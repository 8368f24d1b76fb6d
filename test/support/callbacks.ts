import { setMaxListeners } from 'node:events';
import { CALLBACK_GAPS, type ReceiverSettings } from '@handover/core/callbacks';
import { createCallbackMeter, createRegistry } from '@handover/core/metrics';
import { createRedisClock, wakeDue } from '@handover/core/redis';
import pino from 'pino';
import { type CallbackOptions, startCallbacks } from '../../apps/worker/src/callbacks/worker.ts';
import { PATIENT_LOCKS } from '../../apps/worker/src/locks.ts';
import type { TestLane } from './lane.ts';

/** Delays short enough for tests. */
export const QUICK = {
  gaps: { ...CALLBACK_GAPS, firstMs: 20, longestMs: 200 },
  holdOff: { speed: 50, longestMs: 10_000 },
};

/** A worker of these receivers, over this lane, whose sweep runs all the time. */
export function startCallbackWorker(
  lane: TestLane,
  receivers: readonly ReceiverSettings[],
  given: Partial<CallbackOptions> = {},
) {
  const registry = createRegistry();
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line)) });
  const impatience = new AbortController();
  setMaxListeners(0, impatience.signal);
  const callbacks = startCallbacks({
    ...{ redis: lane.redis, clock: createRedisClock(lane.redis), prefix: lane.prefix, lane: lane.lane },
    ...{ receivers, meter: createCallbackMeter(registry), log, signal: impatience.signal },
    // A busy machine renews locks late.
    ...{ locks: PATIENT_LOCKS, ...given },
  });
  let sweeps = 0;
  let sweeping: Promise<void> | undefined;
  const timer = setInterval(() => {
    // As the worker's own sweep: a round that lost its lock on a busy machine is taken up again.
    sweeping ??= callbacks.tended.worker.backend
      .moveStalledJobsToWait()
      .then(() => lane.now())
      .then((now) => wakeDue(lane.redis, callbacks.tended, now))
      .finally(() => {
        sweeps += 1;
        sweeping = undefined;
      });
  }, 20);
  return {
    registry,
    sweeps: () => sweeps,
    /** The lines with this event. */
    log: (event: string) => lines.filter(({ msg }) => msg === event),
    async close(): Promise<void> {
      clearInterval(timer);
      await sweeping;
      impatience.abort();
      await callbacks.close();
    },
  };
}

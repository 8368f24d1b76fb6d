import { isOpen } from './intents.ts';
import { consultUnderWay } from './steps.ts';
import { isOutcome, type TransferRecord, type WaitReason } from './words.ts';

/** What an open transfer waits for, and until when (epoch milliseconds by Redis' clock), as far as that is known. */
export type WaitingFor = { reason: WaitReason; until?: number | undefined };

/** What holds up every transfer of a lane at the moment. */
export type Pace = {
  /** Epoch milliseconds by Redis' clock. */
  now: number;
  /** An operator has paused the queue. */
  paused: boolean;
  /** No run begins before then. */
  held?: { reason: 'hold-off' | 'budget'; until: number } | undefined;
};

/** What a transfer waits for; `undefined` if it has ended, or while a worker works on it. Pure. */
export function waitingFor(record: TransferRecord, { now, paused, held }: Pace): WaitingFor | undefined {
  const { status, parked, nextAt } = record;
  if (isOutcome(status) || status === 'active') return undefined;
  if (parked) return { reason: 'confirmation' };
  if (nextAt > now) return { reason: whySleeping(record), until: nextAt };
  if (paused) return { reason: 'paused' };
  if (held !== undefined && held.until > now) return held;
  return { reason: 'turn' };
}

/** As the last run stored it; a run of an older version did not. */
function whySleeping({ epoch, waitsFor, status, intents }: TransferRecord): WaitReason {
  if (epoch === 0) return 'not-before';
  if (waitsFor !== undefined) return waitsFor;
  if (status === 'unconfirmed')
    return intents.some((intent) => isOpen(intent) && intent.state === 'accepted') ? 'confirmation' : 'proof';
  return consultUnderWay(intents) === undefined ? 'retry' : 'consult';
}

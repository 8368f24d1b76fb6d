import type { Intent, IntentState } from './words.ts';

const OPEN: ReadonlySet<IntentState> = new Set([
  ...(['sending', 'sending-again', 'in-doubt', 'refused', 'refused-in-doubt', 'accepted'] as const),
]);
const DOUBTFUL: ReadonlySet<IntentState> = new Set([
  ...(['sending-again', 'in-doubt', 'refused-in-doubt', 'accepted', 'gave-up', 'closed-in-doubt'] as const),
]);
const IN_FLIGHT: ReadonlySet<IntentState> = new Set(['sending', 'sending-again']);
const REFUSED: ReadonlySet<IntentState> = new Set(['refused', 'refused-in-doubt']);

type Stated = Pick<Intent, 'state'>;

/** What becomes of it is still waited for. */
export const isOpen = ({ state }: Stated): boolean => OPEN.has(state);
/** A sending under it may have happened, or may happen yet; only a reading or an event can take that back. */
export const isDoubtful = ({ state }: Stated): boolean => DOUBTFUL.has(state);
/** No answer was noted: its run is sending it, or the worker of that run is lost. */
export const isInFlight = ({ state }: Stated): boolean => IN_FLIGHT.has(state);
/** The platform refused the latest sending, since the call had changed. */
export const isRefused = ({ state }: Stated): boolean => REFUSED.has(state);

/** About to be sent. What was in doubt before stays so. */
export function sending<I extends Intent>(intent: I): I {
  return { ...intent, sends: intent.sends + 1, state: isDoubtful(intent) ? 'sending-again' : 'sending' };
}

/** Refused at that time, since the call had changed; likewise. */
export function refused(intent: Intent, refusedAt: number): Intent {
  return { ...intent, refusedAt, state: isDoubtful(intent) ? 'refused-in-doubt' : 'refused' };
}

/** No longer waited for, now that the transfer has ended. A late effect of what was in doubt is still recognised. */
export function closed(intent: Intent): Intent {
  return { ...intent, state: isDoubtful(intent) ? 'closed-in-doubt' : 'closed' };
}

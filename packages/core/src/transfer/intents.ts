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

/** Its result is still awaited. */
export const isOpen = ({ state }: Stated): boolean => OPEN.has(state);
/** It may have been executed, or may still be; only a reading or an event can rule that out. */
export const isDoubtful = ({ state }: Stated): boolean => DOUBTFUL.has(state);
/** No answer was recorded: a run is sending it, or that run's worker was lost. */
export const isInFlight = ({ state }: Stated): boolean => IN_FLIGHT.has(state);
/** The platform refused the latest request because the call had changed. */
export const isRefused = ({ state }: Stated): boolean => REFUSED.has(state);

/** About to be sent. A doubt from an earlier request remains. */
export function sending<I extends Intent>(intent: I): I {
  return { ...intent, sends: intent.sends + 1, state: isDoubtful(intent) ? 'sending-again' : 'sending' };
}

/** Refused at that time because the call had changed. A doubt from an earlier request remains. */
export function refused(intent: Intent, refusedAt: number): Intent {
  return { ...intent, refusedAt, state: isDoubtful(intent) ? 'refused-in-doubt' : 'refused' };
}

/** No longer awaited, since the transfer has ended. A late effect of one in doubt is still recognised. */
export function closed(intent: Intent): Intent {
  return { ...intent, state: isDoubtful(intent) ? 'closed-in-doubt' : 'closed' };
}

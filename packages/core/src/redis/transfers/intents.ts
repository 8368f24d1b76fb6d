import { isDoubtful, isOpen, isRefused } from '../../transfer/intents.ts';
import type { Intent, IntentState, Mark } from '../../transfer/words.ts';

/**
 * An intent as stored in Redis. Builds before 0.1.0 read and write `etag`, `open`, `doubt` and `answer`, but not `state`, `mark`,
 * `effect` and `repeatable`. Both versions run side by side during an upgrade, and their changes to an intent count.
 */
export type StoredIntent = Omit<Intent, 'state' | 'mark' | 'effect' | 'repeatable'> &
  Partial<Pick<Intent, 'state' | 'mark' | 'effect' | 'repeatable'>> &
  Flags & { etag?: string | undefined };

type Flags = { open: boolean; doubt: boolean; answer?: 'unknown' | 'refused' | undefined };

/** For Redis. `at` must be the first field after the id, where the fence sets it. */
export function storedIntent(intent: Intent): StoredIntent {
  return { ...intent, etag: intent.mark.fingerprint, ...flagsOf(intent.state) };
}

/** From Redis, written by either version. */
export function readIntent({ etag = '', open, doubt, answer, ...stored }: StoredIntent): Intent {
  const flags = { open, doubt, answer };
  const isOurs = stored.state !== undefined && sameFlags(flagsOf(stored.state), flags);
  return {
    ...stored,
    mark: stored.mark ?? voiceMark(etag),
    effect: stored.effect ?? 'move',
    repeatable: stored.repeatable ?? 'same-fingerprint',
    state: isOurs && stored.state !== undefined ? stored.state : stateOf(flags),
  };
}

function voiceMark(fingerprint: string): Mark {
  return { dialect: 'voice', fingerprint, leg: null, data: null };
}

function flagsOf(state: IntentState): Flags {
  const stated = { state };
  const [open, doubt] = [isOpen(stated), isDoubtful(stated)];
  if (isRefused(stated)) return { open, doubt, answer: 'refused' };
  return open && doubt && state !== 'sending-again' ? { open, doubt, answer: 'unknown' } : { open, doubt };
}

function stateOf({ open, doubt, answer }: Flags): IntentState {
  if (!open) return doubt ? 'closed-in-doubt' : 'closed';
  if (answer === 'refused') return doubt ? 'refused-in-doubt' : 'refused';
  if (answer === 'unknown') return 'in-doubt';
  return doubt ? 'sending-again' : 'sending';
}

function sameFlags(one: Flags, other: Flags): boolean {
  return one.open === other.open && one.doubt === other.doubt && one.answer === other.answer;
}

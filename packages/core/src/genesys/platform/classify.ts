import type { Phase } from '../../transfer/classify.ts';
import type { Meaning } from '../../transfer/ports.ts';

/** Refusals of an effect that say that the call is no longer as it was read. */
const CHANGED = new Set([
  'error.transfer.not.connected',
  'error.call.disconnected',
  'error.conversation.not.found',
  'not.a.participant',
]);
/** The same with a code that says nothing: also while the leg is not connected yet. */
const NOT_CONNECTED = /not a connected participant/i;
const NEEDS_USER = new Set(['not.a.user', 'error.forbidden.not.active.participant']);
const TARGET_GONE = new Set([
  'error.queue.not.found',
  'error.transfer.same.party',
  'error.cannot.transfer.to.self',
]);
const CONFERENCE = 'error.cannot.transfer.conference';

/** A refusal of the Platform API: `message` is looked at where the code alone does not tell. */
export type Refused = { status: number; code?: string | undefined; message?: string | undefined };

/** What a refusal means, looking at its code first. Unknown codes count by their status. Pure. */
export function classifyPlatform({ status, code, message = '' }: Refused, phase: Phase): Meaning {
  const known = code?.replace(/^conversations?\./, '') ?? '';
  if (status === 429) return 'limited';
  if (status === 401) return 'unauthorized';
  if (NEEDS_USER.has(known)) return 'needs-user';
  if (status === 403) return 'forbidden';
  if (phase === 'effect') {
    if (TARGET_GONE.has(known)) return 'target-gone';
    if (known === CONFERENCE) return 'not-transferable';
    const isChanged = CHANGED.has(known) || (status === 400 && NOT_CONNECTED.test(message));
    if (status === 409 || status === 404 || isChanged) return 'changed';
  }
  if (status === 404 || known === 'error.queue.not.found') return 'not-found';
  if (status === 410) return 'gone';
  return status >= 500 || status < 400 || status === 408 || status === 425 ? 'unwell' : 'invalid';
}

import type { Phase } from '../../transfer/classify.ts';
import type { Meaning } from '../../transfer/ports.ts';

/** Refusals of an effect that say that the call is no longer as it was read. */
const CHANGED = new Set([
  'conversations.error.transfer.not.connected',
  'conversation.error.call.disconnected',
  'conversation.error.conversation.not.found',
  'not.a.participant',
]);
const NEEDS_USER = new Set(['not.a.user', 'conversation.error.forbidden.not.active.participant']);
const TARGET_GONE = 'conversations.error.queue.not.found';

/** What a status of the Platform API means, looking at its code first. Unknown codes count by their status. Pure. */
export function classifyPlatform(status: number, code: string | undefined, phase: Phase): Meaning {
  if (status === 429) return 'limited';
  if (status === 401) return 'unauthorized';
  if (code !== undefined && NEEDS_USER.has(code)) return 'needs-user';
  if (status === 403) return 'forbidden';
  if (code === TARGET_GONE) return phase === 'effect' ? 'target-gone' : 'not-found';
  if (phase === 'effect' && (status === 409 || status === 404 || (code !== undefined && CHANGED.has(code))))
    return 'changed';
  if (status === 404) return 'not-found';
  if (status === 410) return 'gone';
  return status >= 500 || status < 400 || status === 408 || status === 425 ? 'unwell' : 'invalid';
}

import type { Reason } from '@handover/client';

const REASONS: Record<Reason, string> = {
  'not-permitted': 'the agent may not transfer calls, or is unknown',
  forbidden: 'Genesys does not allow it: a permission is missing',
  'call-is-private': 'the call is private',
  'call-ended': 'the call had already ended',
  'call-moved': 'somebody else had moved the call first',
  'call-not-found': 'Genesys has no such call',
  'call-not-transferable': 'the call was in a state in which it cannot be transferred',
  'agent-not-on-call': 'the agent is not on the call',
  'needs-user-token': 'Genesys lets only the agent do this, with a login of their own',
  'target-unavailable': 'the target was closed, full or unknown, and so was the fallback, if any',
  'refused-by-platform': 'Genesys refused it',
  conflict: 'the call kept changing',
  'platform-unavailable': 'Genesys kept failing',
  'target-gave-up': 'Genesys accepted it, then gave it up',
  'settled-by-operator': 'an operator looked, and said how it ended',
  shadow: 'shadow mode moves nothing',
  'unreadable-job': 'its job could not be read',
  'workers-lost': 'one worker after another was lost',
};

/** A reason as choices show it: its name, as the API and reports have it, and what it means. */
export function reasonChoice(reason: string): string {
  return `${reason} – ${reasonWords(reason)}`;
}

/** All reasons that this console knows. */
export const reasons = Object.keys(REASONS) as Reason[];

/** Why a transfer ended as it did, as the second half of a sentence; a reason that is new here, by its name. */
export function reasonWords(reason: string): string {
  return Object.hasOwn(REASONS, reason) ? REASONS[reason as Reason] : reason;
}

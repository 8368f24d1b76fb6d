import type { AuditEntry } from '@handover/client';

type Action = AuditEntry['action'];

const DONE: Record<Action, string> = {
  replay: 'Replayed',
  resolve: 'Resolved',
  cancel: 'Cancelled',
  pause: 'Paused',
  resume: 'Resumed',
  'sign-in': 'Signed in',
  'replay-many': 'Replayed many',
  'resolve-many': 'Resolved many',
  stop: 'Stopped the action',
  'send-callback': 'Sent a callback again',
};

export const auditActions = Object.keys(DONE) as Action[];

/** What was done, in words; an action that is new, by its name. */
export function doneWords(action: Action): string {
  return DONE[action] ?? action;
}

/** What an entry is about: a transfer or an action over many has a page of its own, all else only its name. */
export type Subject = { kind: 'transfer' | 'action' | 'other'; id: string };

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
const OVER_MANY: Action[] = ['replay-many', 'resolve-many', 'stop'];
const ELSEWHERE: Action[] = ['pause', 'resume', 'sign-in', 'send-callback'];

/** The subject of an entry. Pure. */
export function subjectOf({ action, thing }: Pick<AuditEntry, 'action' | 'thing'>): Subject {
  if (OVER_MANY.includes(action)) return { kind: 'action', id: thing };
  const isTransfer = UUID.test(thing) && !ELSEWHERE.includes(action);
  return { kind: isTransfer ? 'transfer' : 'other', id: thing };
}

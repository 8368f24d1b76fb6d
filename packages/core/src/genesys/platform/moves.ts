import type { Failure } from '../../transfer/ports.ts';
import type { Target, TransferMode } from '../../transfer/request.ts';
import { permissionsFor } from './permissions.ts';
import { meant } from './read.ts';
import type { Before } from './trace.ts';

/** A call that waits cannot leave its queue unattended. Pure. */
export function isAttended(mode: TransferMode | undefined, before: unknown): boolean {
  return mode === 'attended' || (before as Before | null)?.legPurpose === 'acd';
}

/** What a transfer of this leg is sent to, and with which fields. Pure. */
export function placeOf({ type, id, phoneType }: Target): { path: string; body: object } {
  switch (type) {
    case 'queue':
    case 'skillGroup':
      return { path: '/replace/queue', body: { queueId: id } };
    case 'user':
      return { path: '/replace/agent', body: { userId: id } };
    case 'externalContact':
      return { path: '/replace/contact/external', body: { contactId: id, phoneType } };
    case 'address':
      return { path: '/transfer', body: { address: id } };
  }
}

/** A failed transfer to this target, with its meaning and what the platform's code does not say. Pure. */
export function refusedMove(failure: Failure, target: Target): Failure {
  const told = meant(failure, 'effect');
  if (told.kind !== 'answered') return told;
  if (told.means === 'forbidden')
    return { ...told, hint: forbiddenWords(told.code, permissionsFor(target.type)) };
  if (told.means === 'not-transferable') return { ...told, hint: 'the call is a conference' };
  // Any 404 may mean the leg; one that names the target means the target.
  const isTarget = told.status === 404 && told.message?.includes(target.id) === true;
  return isTarget && told.means === 'changed' ? { ...told, means: 'target-gone' } : told;
}

/** Why the client may not do something that any one of these permissions allows. Pure. */
export function forbiddenWords(code: string | undefined, permissions: readonly string[]): string {
  if (code?.startsWith('missing.') !== true)
    return 'the OAuth client may not do this: its role may not cover the division of the call or of the target';
  const which = permissions.length > 1 ? `one of ${permissions.join(', ')}` : permissions.join();
  return `the OAuth client lacks ${which}`;
}

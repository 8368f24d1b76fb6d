import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Text } from '../http/answers.ts';

const Ref = z.looseObject({ id: Text }).nullish();
const Word = z.string().nullish();

/** One party of a call (`CallMediaParticipant`); a leg never leaves the list and its id never comes back. */
export const Leg = z.looseObject({
  id: Text,
  purpose: Word,
  state: Word,
  user: Ref,
  queue: Ref,
  externalContact: Ref,
  address: Word,
  connectedTime: Word,
  /** Changes from one reading to the next: shown, and nothing depends on it. */
  disconnectType: Word.catch(undefined),
  consultParticipantId: Word,
  monitoredParticipantId: Word,
  coachedParticipantId: Word,
  bargedParticipantId: Word,
  recordingState: Word,
  securePause: z.boolean().nullish(),
  attributes: z.record(z.string(), z.unknown()).nullish(),
  conversationRoutingData: z
    .looseObject({ skills: z.array(z.looseObject({ id: Text })).nullish() })
    .nullish()
    .catch(undefined),
});
export type Leg = z.infer<typeof Leg>;

/** One of the last twenty transfer commands (`TransferResponse`). */
export const Command = z.looseObject({
  id: Text,
  state: z.string(),
  modifiedBy: Ref,
  destination: z.looseObject({ userId: Word, address: Word }).nullish(),
});
export type Command = z.infer<typeof Command>;

/** A call (`CallConversation`), as far as a transfer needs it. */
export const Conversation = z.looseObject({
  id: Text,
  participants: z.array(Leg),
  recentTransfers: z.array(Command).nullish(),
  recordingState: Word,
  securePause: z.boolean().nullish(),
  divisions: z.array(z.looseObject({ division: Ref })).nullish(),
});
export type Conversation = z.infer<typeof Conversation>;

const OVER = new Set(['disconnected', 'terminated']);
const AGENTS = new Set(['agent', 'user']);
const CALLERS = new Set(['customer', 'external']);

export const isOver = ({ state }: Leg): boolean => OVER.has(state ?? '');
export const isConnected = ({ state }: Leg): boolean => state === 'connected';
export const isCaller = ({ purpose }: Leg): boolean => CALLERS.has(purpose ?? '');
export const wasConnected = (leg: Leg): boolean => isConnected(leg) || (leg.connectedTime ?? '') !== '';

/** A supervisor's leg that listens or speaks along: it holds no call. */
export function isSilent({
  monitoredParticipantId,
  coachedParticipantId,
  bargedParticipantId,
}: Leg): boolean {
  return [monitoredParticipantId, coachedParticipantId, bargedParticipantId].some((id) => (id ?? '') !== '');
}

/** A leg by which an agent takes part in the call himself. */
export function isAgent(leg: Leg): boolean {
  return AGENTS.has(leg.purpose ?? '') && !isSilent(leg);
}

/** No caller is connected any more, or about to be. */
export function isEnded({ participants }: Conversation): boolean {
  return participants.every((leg) => !isCaller(leg) || isOver(leg));
}

/**
 * Equal while no party joins, leaves or is transferred. Hold, mute and recording are left out, and so is why a leg ended,
 * which changes from one reading to the next. Pure.
 */
export function fingerprintOf({ participants, recentTransfers }: Conversation): string {
  const legs = participants.map(({ id, purpose, state, consultParticipantId }) => [
    ...[id, purpose ?? '', state ?? '', consultParticipantId ?? ''],
  ]);
  const commands = (recentTransfers ?? []).map(({ id, state }) => [id, state.toLowerCase()]);
  return createHash('sha256')
    .update(JSON.stringify([legs, commands]))
    .digest('base64url')
    .slice(0, 22);
}

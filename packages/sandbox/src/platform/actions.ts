import { type Conversations, makeLeg } from './conversations.ts';
import { addLeg, changeLeg, endAll, endLeg } from './legs.ts';
import type { ConversationAction, LegFields } from './schemas.ts';
import type { Plan } from './settings.ts';
import type { Transfers } from './transfers.ts';
import { type Conversation, hasLeft, isListening, type Leg } from './words.ts';

/** The part of the platform to which something happens. */
type Stage = {
  readonly conversations: Conversations;
  readonly transfers: Transfers;
  readonly settings: { readonly command: Plan };
};

/** Lets something happen to a conversation; undefined where it cannot. */
export function act(
  stage: Stage,
  id: string,
  action: ConversationAction,
  at: string,
): Conversation | undefined {
  const { conversations, transfers } = stage;
  switch (action.action) {
    case 'hang-up':
      return conversations.change(id, (conversation) => endAll(conversation, 'peer', at));
    case 'change':
      return conversations.change(id, (conversation) => ({ ...conversation, ...withoutAction(action) }));
    case 'add-leg':
      return addOneLeg(conversations, id, action.leg, at);
    case 'change-leg':
      return changeOneLeg(conversations, id, action, at);
    case 'pick-up':
      return pickUp(conversations, id, action.userId, at);
    case 'cancel-transfers':
      transfers.cancel(id, action.userId);
      return conversations.read(id);
    case 'move':
      return move(stage, id, action);
  }
}

function withoutAction(change: Extract<ConversationAction, { action: 'change' }>): Partial<Conversation> {
  const { recordingState, securePause, divisionId } = change;
  return {
    ...(recordingState !== undefined && { recordingState }),
    ...(securePause !== undefined && { securePause }),
    ...(divisionId !== undefined && { divisionId }),
  };
}

function addOneLeg(conversations: Conversations, id: string, fields: LegFields, at: string) {
  const leg = makeLeg(fields, at);
  const isKnown = conversations.read(id)?.legs.some((each) => each.id === leg.id);
  return isKnown ? undefined : conversations.change(id, (conversation) => addLeg(conversation, leg));
}

function changeOneLeg(
  conversations: Conversations,
  id: string,
  { leg, change }: Extract<ConversationAction, { action: 'change-leg' }>,
  at: string,
): Conversation | undefined {
  const known = conversations.read(id)?.legs.find((each) => each.id === leg);
  if (!known) return undefined;
  const { purpose = known.purpose, state = known.state, communicationId = known.communicationId } = change;
  const changed: Leg = { ...known, ...change, purpose, state, communicationId };
  return conversations.change(id, (conversation) =>
    changeLeg(conversation, leg, {
      ...changed,
      ...(state === 'connected' && { connectedTime: changed.connectedTime ?? at }),
      ...(hasLeft(changed) && { endTime: changed.endTime ?? at }),
    }),
  );
}

/** An agent takes the call that waits in a queue. */
function pickUp(
  conversations: Conversations,
  id: string,
  userId: string,
  at: string,
): Conversation | undefined {
  const waiting = conversations.read(id)?.legs.findLast(isWaiting);
  if (!waiting) return undefined;
  return conversations.change(id, (conversation) => {
    const left = endLeg(conversation, waiting.id, { state: 'terminated', disconnectType: 'transfer' }, at);
    const leg = makeLeg({ purpose: 'agent', user: { id: userId }, queue: waiting.queue }, at);
    return addLeg(left, leg);
  });
}

/** Somebody else transfers the call, at this moment. */
function move(
  { conversations, transfers, settings }: Stage,
  id: string,
  { destination, leg, userId }: Extract<ConversationAction, { action: 'move' }>,
): Conversation | undefined {
  const from = conversations
    .read(id)
    ?.legs.findLast((each) => (leg === undefined ? isMovable(each) : each.id === leg));
  if (from?.state !== 'connected') return undefined;
  const plan: Plan = { ...settings.command, ends: 'Complete', afterMs: 0, shown: true };
  transfers.accept({
    conversationId: id,
    leg: from.id,
    destination,
    mode: 'Unattended',
    by: 'someone-else',
    initiator: userId ?? from.user?.id,
    plan,
  });
  return conversations.read(id);
}

function isWaiting({ purpose, state }: Leg): boolean {
  return purpose === 'acd' && state === 'connected';
}

function isMovable(leg: Leg): boolean {
  if (leg.state !== 'connected' || isListening(leg)) return false;
  return ['agent', 'user', 'acd'].includes(leg.purpose);
}

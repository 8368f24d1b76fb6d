import { makeLeg } from './conversations.ts';
import type { LegFields } from './schemas.ts';
import { type Conversation, type Destination, findLeg, hasLeft, type Leg } from './words.ts';

/** How a leg ends. */
export type LegEnd = { state: string; disconnectType?: string | undefined };

export function changeLeg(conversation: Conversation, legId: string, change: Partial<Leg>): Conversation {
  const legs = conversation.legs.map((leg) => (leg.id === legId ? { ...leg, ...change } : leg));
  return { ...conversation, legs };
}

export function addLeg(conversation: Conversation, leg: Leg): Conversation {
  return { ...conversation, legs: [...conversation.legs, leg] };
}

/** The leg leaves. An agent's asks for a wrap-up code from then on. */
export function endLeg(
  conversation: Conversation,
  legId: string,
  { state, disconnectType }: LegEnd,
  at: string,
): Conversation {
  const leg = findLeg(conversation, legId);
  if (!leg) return conversation;
  const isAgents = leg.purpose === 'agent' || leg.purpose === 'user';
  return changeLeg(conversation, legId, {
    state,
    disconnectType,
    endTime: leg.endTime ?? at,
    ...(isAgents && { wrapupRequired: true }),
  });
}

/** Everybody leaves who is still there. */
export function endAll(conversation: Conversation, disconnectType: string, at: string): Conversation {
  return conversation.legs
    .filter((leg) => !hasLeft(leg))
    .reduce((left, { id }) => endLeg(left, id, { state: 'terminated', disconnectType }, at), conversation);
}

export function connectLeg(conversation: Conversation, legId: string, at: string): Conversation {
  return changeLeg(conversation, legId, { state: 'connected', connectedTime: at });
}

/** The leg at which a command arrives: a queue's is connected at once, a user's rings, an external one is dialled. */
export function arrivingLeg(destination: Destination, address: string | undefined, at: string): Leg {
  const { type, id } = destination;
  const fields: Record<typeof type, LegFields> = {
    queue: { purpose: 'acd', state: 'connected', queue: { id } },
    user: { purpose: 'agent', state: 'alerting', user: { id }, wrapupPrompt: 'optional' },
    externalContact: {
      purpose: 'external',
      state: 'dialing',
      externalContact: { id },
      direction: 'outbound',
    },
    address: { purpose: 'external', state: 'dialing', direction: 'outbound' },
  };
  return makeLeg({ ...fields[type], ...(address !== undefined && { address }) }, at);
}

import {
  type Conversation,
  isAgent,
  isCaller,
  isConnected,
  isOver,
  isSilent,
  type Leg,
} from './conversation.ts';

/** Who has the call, as far as a transfer by this agent goes: the leg to replace, or why there is none. */
export type Holder =
  | { leg: Leg; words: string }
  /** The agent's leg is about to be connected. */
  | { wait: string }
  | { no: 'agent-not-on-call' | 'call-not-transferable' | 'call-ended'; words: string };

/**
 * Finds the leg that a transfer by this agent replaces: the last connected one of theirs that neither monitors, coaches nor barges.
 * `fromQueue`: a call that waits for an agent may be moved too, by its `acd` leg. Pure.
 */
export function findHolder(call: Conversation, userId: string, fromQueue: boolean): Holder {
  const { participants } = call;
  const callers = participants.filter(isCaller);
  if (callers.length > 0 && callers.every(isOver))
    return { no: 'call-ended', words: 'no caller is connected' };
  const connected = participants.filter(isConnected);
  const agents = connected.filter(isAgent);
  const ours = agents.filter(({ user }) => user?.id === userId);
  const leg = ours.at(-1);
  if (leg !== undefined)
    return obstacleFor(leg, connected) ?? { leg, words: wordsOfLeg(leg, participants, userId) };

  const coming = participants.find((one) => isAgent(one) && one.user?.id === userId && !isOver(one));
  if (coming !== undefined) return { wait: `agent ${userId}'s leg ${coming.id} is still ${coming.state}` };
  const queued = connected.findLast(({ purpose }) => purpose === 'acd');
  if (queued !== undefined && agents.length === 0) {
    if (fromQueue)
      return {
        leg: queued,
        words: `leg ${queued.id}, which waits in queue ${queued.queue?.id} with no agent connected`,
      };
    return {
      no: 'agent-not-on-call',
      words: `agent ${userId} is not connected on this call; it waits in a queue`,
    };
  }
  const flow = connected.find(({ purpose }) => FLOWS.has(purpose ?? ''));
  if (flow !== undefined && agents.length === 0)
    return {
      no: 'call-not-transferable',
      words: `it is still in the ${flow.purpose === 'ivr' ? 'IVR' : flow.purpose}`,
    };
  const outside = connected.find(({ purpose }) => purpose === 'external');
  if (outside !== undefined && agents.length === 0 && connected.filter(isCaller).length > 1)
    return {
      no: 'call-not-transferable',
      words: `it is held by an external party (leg ${outside.id}), from whom Genesys cannot take it back`,
    };
  const others = agents.map(({ user, id }) => user?.id ?? `leg ${id}`);
  const who = others.length === 0 ? 'no agent is' : `connected: ${others.join(', ')}`;
  return { no: 'agent-not-on-call', words: `agent ${userId} is not connected on this call; ${who}` };
}

/** The leg that is replaced, and why not another one of this agent. */
function wordsOfLeg(leg: Leg, participants: Leg[], userId: string): string {
  const others = participants.filter((one) => one.user?.id === userId && one.id !== leg.id);
  const passed = others.map((one) => `${one.id} ${isSilent(one) ? 'only listens' : `is ${one.state}`}`);
  const last = `leg ${leg.id} of agent ${userId}, their last connected one`;
  return passed.length === 0 ? last : `${last}; ${passed.join(', ')}`;
}

const FLOWS = new Set(['ivr', 'botflow', 'workflow', 'inbound', 'voicesurveyflow']);
/** The agent and the caller. */
const USUAL_PARTIES = 2;

function obstacleFor(leg: Leg, connected: Leg[]): Holder | undefined {
  if ((leg.consultParticipantId ?? '') !== '')
    return { no: 'call-not-transferable', words: 'a consult is under way (cancel it first)' };
  const agents = connected.filter(isAgent).map(({ user, id }) => user?.id ?? id);
  const parties = connected.filter(isCaller).length + new Set(agents).size;
  if (parties > USUAL_PARTIES) return { no: 'call-not-transferable', words: `${parties} connected parties` };
  return undefined;
}

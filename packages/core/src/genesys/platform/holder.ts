import { type Conversation, isAgent, isCaller, isConnected, isOver, type Leg } from './conversation.ts';

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
    return obstacleFor(leg, connected) ?? { leg, words: `leg ${leg.id} of agent ${userId}` };

  const coming = participants.find((one) => isAgent(one) && one.user?.id === userId && !isOver(one));
  if (coming !== undefined) return { wait: `agent ${userId}'s leg ${coming.id} is still ${coming.state}` };
  const queued = connected.findLast(({ purpose }) => purpose === 'acd');
  if (queued !== undefined && agents.length === 0) {
    if (fromQueue)
      return { leg: queued, words: `leg ${queued.id}, which waits in queue ${queued.queue?.id}` };
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
  const others = agents.map(({ user, id }) => user?.id ?? `leg ${id}`);
  const who = others.length === 0 ? 'no agent is' : `connected: ${others.join(', ')}`;
  return { no: 'agent-not-on-call', words: `agent ${userId} is not connected on this call; ${who}` };
}

const FLOWS = new Set(['ivr', 'botflow', 'workflow', 'inbound', 'voicesurveyflow']);
/** The agent and the caller. */
const USUAL_PARTIES = 2;

function obstacleFor(leg: Leg, connected: Leg[]): Holder | undefined {
  if ((leg.consultParticipantId ?? '') !== '')
    return { no: 'call-not-transferable', words: 'a consult is under way (cancel it first)' };
  const parties = connected.filter((one) => isCaller(one) || isAgent(one));
  if (parties.length > USUAL_PARTIES)
    return { no: 'call-not-transferable', words: `${parties.length} connected parties` };
  return undefined;
}

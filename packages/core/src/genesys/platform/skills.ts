import type { FollowUp, LeftToDo } from '../../transfer/follow-up-words.ts';
import type { FollowUpAnswer } from '../../transfer/ports.ts';
import type { Intent } from '../../transfer/words.ts';
import type { Client } from '../http/client.ts';
import { Conversation, isConnected, isOver } from './conversation.ts';
import { followFailure } from './follow-failure.ts';
import { meant, read } from './read.ts';

const TRIED_FOR_MS = 15 * 60_000;
const NEEDS = { what: 'the skills of a waiting call', permission: 'routing:conversation:edit' };

type Left = { queue: string; skills: string[] };

/** The skills of a skill group are set once the call waits in its queue; a transfer takes none. Pure. */
export function skillsLeft({ target }: Pick<Intent, 'target'>): LeftToDo[] {
  if (target.type !== 'skillGroup' || target.skills === undefined) return [];
  const data: Left = { queue: target.id, skills: target.skills };
  return [{ kind: 'skills', data, afterMs: 0, forMs: TRIED_FOR_MS }];
}

/** Sets the skills while the call waits in that queue. It is read first: it may have been answered, or moved on. */
export async function setSkills(
  client: Client,
  { data }: FollowUp,
  callId: string,
  signal: AbortSignal,
): Promise<FollowUpAnswer> {
  const { queue, skills } = data as Left;
  const answer = await client.request({
    ...{ operation: 'call', method: 'GET', signal },
    path: `/api/v2/conversations/calls/${encodeURIComponent(callId)}`,
  });
  const call = read({ phase: 'call', id: callId }, answer, Conversation, (body) => body);
  const { requests } = call;
  if (!call.ok) return followFailure(call.failure, requests, NEEDS);
  const leg = call.value.participants.findLast((one) => one.purpose === 'acd' && one.queue?.id === queue);
  if (leg === undefined) return { is: 'later', why: `not seen in queue ${queue} yet`, requests };
  if (isOver(leg) || !isConnected(leg))
    return { is: 'gave-up', why: `the call no longer waits in queue ${queue}`, requests };
  const has = (leg.conversationRoutingData?.skills ?? []).map(({ id }) => id);
  if (has.length === skills.length && skills.every((skill) => has.includes(skill)))
    return { is: 'done', why: 'the call has these skills', requests };
  const set = await client.request({
    ...{ operation: 'skills', method: 'PATCH', signal },
    path: `/api/v2/routing/conversations/${encodeURIComponent(callId)}`,
    body: { skillIds: skills },
  });
  const all = [...requests, ...set.requests];
  if (set.ok) return { is: 'done', why: 'the skills are set', requests: all };
  if (set.gate === 'shut') throw new Error('a follow-up has no gate');
  return followFailure(meant(set.failure, 'call'), all, NEEDS);
}

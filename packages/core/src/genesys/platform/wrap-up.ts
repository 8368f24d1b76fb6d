import { z } from 'zod';
import type { FollowUp, LeftToDo } from '../../transfer/follow-up-words.ts';
import type { FollowUpAnswer } from '../../transfer/ports.ts';
import type { TransferRequest } from '../../transfer/request.ts';
import type { Intent } from '../../transfer/words.ts';
import { Text } from '../http/answers.ts';
import type { Client } from '../http/client.ts';
import { followFailure } from './follow-failure.ts';
import { meant, read } from './read.ts';

const FIRST_TRY_MS = 2_000;
const TRIED_FOR_MS = 15 * 60_000;
const NEEDS = { what: 'wrap-up', permission: 'conversation:participant:wrapup' };

type Left = { code: string; leg: string };

const OVER = ['disconnected', 'terminated'];
const Call = z.looseObject({ id: Text, state: z.string().nullish(), wrapup: z.unknown().optional() });
const Conversation = z.looseObject({
  id: Text,
  participants: z.array(
    z.looseObject({
      id: Text,
      queueId: z.string().nullish(),
      wrapup: z.unknown().optional(),
      calls: z.array(Call).nullish(),
    }),
  ),
});

/** The wrap-up code of the leg that a move replaces is set after that leg has ended; a transfer takes none. Pure. */
export function wrapUpLeft(
  { wrapUpCodeId: code }: TransferRequest,
  { mark }: Pick<Intent, 'mark'>,
): LeftToDo[] {
  if (code === undefined || mark.leg === null) return [];
  const data: Left = { code, leg: mark.leg };
  return [{ kind: 'wrap-up', data, afterMs: FIRST_TRY_MS, forMs: TRIED_FOR_MS }];
}

/** Sets the code on the communication of the leg, once it has ended. */
export async function setWrapUp(
  client: Client,
  { data }: FollowUp,
  callId: string,
  signal: AbortSignal,
): Promise<FollowUpAnswer> {
  const { code, leg } = data as Left;
  const path = `/api/v2/conversations/${encodeURIComponent(callId)}`;
  const answer = await client.request({ operation: 'conversation', method: 'GET', path, signal });
  const found = read({ phase: 'call', id: callId }, answer, Conversation, (body) => body);
  const { requests } = found;
  if (!found.ok) return followFailure(found.failure, requests, NEEDS);
  const participant = found.value.participants.find(({ id }) => id === leg);
  const call = participant?.calls?.at(-1);
  if (participant === undefined || call === undefined)
    return { is: 'gave-up', why: `leg ${leg} is not on the conversation`, requests };
  if (participant.wrapup != null || call.wrapup != null)
    return { is: 'superseded', why: 'a wrap-up code is set already', requests };
  if (!OVER.includes(call.state ?? ''))
    return { is: 'later', why: `leg ${leg} is still ${call.state}`, requests };
  const set = await client.request({
    operation: 'wrap-up',
    method: 'POST',
    path: `/api/v2/conversations/calls/${encodeURIComponent(callId)}/participants/${encodeURIComponent(leg)}/communications/${encodeURIComponent(call.id)}/wrapup`,
    body: { code },
    signal,
  });
  const all = [...requests, ...set.requests];
  if (set.ok) return { is: 'done', why: 'the code is set', requests: all };
  if (set.gate === 'shut') throw new Error('a follow-up has no gate');
  const failure = meant(set.failure, 'call');
  if (failure.kind !== 'answered' || failure.means !== 'invalid') return followFailure(failure, all, NEEDS);
  const offered = await readOffered(client, callId, leg, signal);
  const everything = [...all, ...offered.requests];
  if (!offered.ok || offered.value.includes(code)) return followFailure(failure, everything, NEEDS);
  const where = participant.queueId == null ? 'here' : `for queue ${participant.queueId}`;
  return { is: 'gave-up', why: `code "${code}" is not offered ${where}`, requests: everything };
}

/** The codes that may be set on this leg, by id. */
async function readOffered(client: Client, callId: string, leg: string, signal: AbortSignal) {
  const path = `/api/v2/conversations/calls/${encodeURIComponent(callId)}/participants/${encodeURIComponent(leg)}/wrapupcodes`;
  const answer = await client.request({ operation: 'wrap-up-codes', method: 'GET', path, signal });
  return read({ phase: 'call' }, answer, z.array(z.looseObject({ id: Text })), (codes) =>
    codes.map(({ id }) => id),
  );
}

import { z } from 'zod';
import type { Call, Reading } from '../../transfer/ports.ts';
import { Text } from '../http/answers.ts';
import type { Client } from '../http/client.ts';
import { read } from './read.ts';

/** The media of a participant, each a list of communications, and what a conversation of that medium is called. */
const MEDIA = {
  callbacks: 'a callback',
  chats: 'a chat',
  emails: 'an e-mail',
  messages: 'a message',
  socialExpressions: 'a social post',
  cobrowsesessions: 'a cobrowse session',
  videos: 'a video call',
  screenshares: 'a screen share',
  internalMessages: 'an internal message',
} as const;

const Some = z.array(z.unknown()).nullish();
const Participant = z.looseObject({ calls: Some, ...mapMedia(Some) });
const Anything = z.looseObject({ id: Text, participants: z.array(Participant) });

const NOWHERE =
  'no conversation of this id: it has ended, or this is a participant or communication id, or another region';

const NO_CALL = 'no call of this id; whether a conversation of another medium has it could not be read';

/**
 * Says why a call was not found: whether a conversation of another medium has this id. Costs one request, and only then; other
 * readings are returned as they are.
 */
export async function explainLost(
  client: Client,
  call: Reading<Call>,
  callId: string,
  signal: AbortSignal,
): Promise<Reading<Call>> {
  if (call.ok || call.failure.kind !== 'answered' || call.failure.means !== 'not-found') return call;
  const path = `/api/v2/conversations/${encodeURIComponent(callId)}`;
  const answer = await client.request({ operation: 'conversation', method: 'GET', path, signal });
  const found = read({ phase: 'call', id: callId }, answer, Anything, mediumOf);
  const requests = [...call.requests, ...found.requests];
  if (found.ok && found.value !== undefined)
    return {
      ok: false,
      failure: { ...call.failure, means: 'not-transferable', hint: found.value },
      requests,
    };
  if (found.ok) return { ...call, requests };
  const isNowhere = found.failure.kind === 'answered' && found.failure.means === 'not-found';
  return { ok: false, failure: { ...call.failure, hint: isNowhere ? NOWHERE : NO_CALL }, requests };
}

/** What the conversation is, in words; `undefined` where a call is part of it. */
function mediumOf({ participants }: z.infer<typeof Anything>): string | undefined {
  if (participants.some(({ calls }) => (calls ?? []).length > 0)) return undefined;
  const names = Object.keys(MEDIA) as (keyof typeof MEDIA)[];
  const medium = names.find((name) => participants.some((one) => (one[name] ?? []).length > 0));
  return medium === undefined ? undefined : `the conversation is ${MEDIA[medium]}, not a call`;
}

function mapMedia(schema: typeof Some): Record<keyof typeof MEDIA, typeof Some> {
  return Object.fromEntries(Object.keys(MEDIA).map((name) => [name, schema])) as Record<
    keyof typeof MEDIA,
    typeof Some
  >;
}

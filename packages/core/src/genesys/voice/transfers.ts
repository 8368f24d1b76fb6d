import { z } from 'zod';
import type { Phase } from '../../transfer/classify.ts';
import type {
  Agent,
  Availability,
  Call,
  Dialect,
  Failure,
  MoveAnswer,
  Reading,
} from '../../transfer/ports.ts';
import type { Purse } from '../../transfer/purse.ts';
import { transferTypes } from '../../transfer/request.ts';
import type { DialectParts } from '../dialect.ts';
import { Flag, fieldsOf, notAbout, type Said, Text } from '../http/answers.ts';
import type { ClientAnswer } from '../http/client.ts';
import { readAnswer } from '../http/read.ts';
import { refusalOf } from '../refusal.ts';
import { meant } from './classify.ts';
import { ETAG } from './headers.ts';
import { checkVoiceRequest, voiceTargetTypes } from './request.ts';
import { traceVoice } from './trace.ts';

const User = z.object({
  id: Text,
  roles: z.array(z.object({ id: Text.nullish(), name: z.string().nullish() })).nullish(),
});

const VoiceCall = z.object({
  id: Text,
  state: z.string(),
  privacy: Flag,
  etag: z.string('is neither in the body nor in the header'),
  transferType: z.string().nullish(),
  target: z.object({ id: Text, type: z.string() }).nullish(),
});

const Queue = z.object({ id: Text, state: z.string() });

const TRANSFER_ROLE = 'call:transfer:execute';
/** Unused in practice: the answers of this API are final. */
const NEVER_ACCEPTED_MS = 60_000;
const ENDED = ['disconnected', 'terminated'];

/** The voice API (docs/voice-api.md): each operation, and the meaning of its answers. */
export function createVoiceTransfers(parts: DialectParts): Dialect {
  const { client, cache, userTtlMs, queueTtlMs, readLagMs = 0 } = parts;
  const get = (operation: string, path: string, signal: AbortSignal, purse?: Purse) =>
    client.request({ operation, method: 'GET', path, signal, purse });

  return {
    trace: traceVoice,
    // The platform compares the ETag, its readings are fresh unless configured otherwise, and its answers are final.
    timing: { readLagMs, confirm: { gapsMs: [NEVER_ACCEPTED_MS] } },
    repeatable: () => 'same-fingerprint',
    refuses: (request) => refusalOf(checkVoiceRequest(request)),
    // Run: agent, call, target, effect. Confirmation: the call.
    costs: { run: 4, confirm: 1, consultEnd: 0, followUp: 0 },
    // A consult is one request, too.
    steps: () => ['move'],
    // The wrap-up code is part of the transfer request.
    leaves: () => [],
    followUp: async () => ({ is: 'gave-up', why: 'this API has no follow-ups', requests: [] }),
    readAgent: ({ userId }, signal) =>
      cache.remember({ kind: 'user', id: userId, ttlMs: userTtlMs }, async () =>
        read(
          { phase: 'agent', id: userId },
          await get('user', `/api/v2/users/${encodeURIComponent(userId)}`, signal),
          User,
          toAgent,
        ),
      ),

    readCall: async ({ callId }, signal, purse) =>
      read(
        { phase: 'call', id: callId },
        await get('call', callPath(callId), signal, purse),
        VoiceCall,
        toCall,
      ),

    async readTarget(target, signal) {
      // Only queues have a state here; users and skill groups count as open (docs/rules.md).
      if (target.type !== 'queue') return { ok: true, value: ALWAYS_OPEN, ageMs: 0, requests: [] };
      return cache.remember({ kind: 'queue', id: target.id, ttlMs: queueTtlMs }, async () => {
        const path = `/api/v2/queue/queues/${encodeURIComponent(target.id)}`;
        return read(
          { phase: 'target', id: target.id },
          await get('queue', path, signal),
          Queue,
          toAvailability,
        );
      });
    },

    async move(command, gate, signal): Promise<MoveAnswer> {
      const { callId, transferType, target, wrapUpCodeId, mark } = command;
      const answer = await client.request({
        operation: 'transfer',
        method: 'POST',
        path: `${callPath(callId)}/transfer`,
        headers: { 'if-match': mark.fingerprint },
        body: {
          transferType,
          target,
          ...(wrapUpCodeId === undefined ? {} : { wrapUpCode: { id: wrapUpCodeId } }),
        },
        gate,
        signal,
      });
      const { requests } = answer;
      if (!answer.ok) {
        if (answer.gate === 'shut') return { moved: 'shut', requests };
        return { moved: 'failed', gate: answer.gate, failure: meant(answer.failure, 'effect'), requests };
      }
      const failure = notAbout(callId, answer.said);
      if (failure === undefined) return { moved: 'done', requests };
      return { moved: 'failed', gate: 'opened', failure, requests };
    },

    async forget(what) {
      if ('userId' in what) await cache.forget('user', what.userId);
      else if (what.target.type === 'queue') await cache.forget('queue', what.target.id);
    },
  };
}

const ALWAYS_OPEN: Availability = { open: true, state: 'open (has no state of its own)' };

function callPath(callId: string): string {
  return `/api/v2/voice/calls/${encodeURIComponent(callId)}`;
}

function toAgent({ id, roles }: z.infer<typeof User>): Agent {
  const role = roles?.find((one) => one.id === TRANSFER_ROLE || one.name?.includes('Supervisor') === true);
  if (role !== undefined) return { id, mayTransfer: true, why: `may transfer (${role.id ?? role.name})` };
  return { id, mayTransfer: false, why: `has neither the role ${TRANSFER_ROLE} nor one named Supervisor` };
}

function toCall({ id, state, privacy, etag, transferType, target }: z.infer<typeof VoiceCall>): Call {
  const targetType = voiceTargetTypes.find((type) => type === target?.type);
  return {
    id,
    state,
    ended: ENDED.includes(state),
    private: privacy,
    mark: { dialect: 'voice', fingerprint: etag, leg: null, data: null },
    placement: {
      transferType: transferTypes.find((type) => type === transferType),
      target: target == null || targetType === undefined ? undefined : { type: targetType, id: target.id },
    },
  };
}

function toAvailability({ state }: z.infer<typeof Queue>): Availability {
  return { open: state === 'open', state };
}

/** The ETag is in the body, the header, or both; the body's takes precedence. Kept unchanged. */
function withEtag({ data, headers }: Said): object {
  const body = Text.safeParse(fieldsOf(data).etag);
  return { ...fieldsOf(data), etag: body.success && body.data !== '' ? body.data : headers[ETAG] };
}

function read<B, T>(
  { phase, id }: { phase: Phase; id: string },
  answer: ClientAnswer,
  schema: z.ZodType<B>,
  value: (body: B) => T,
): Reading<T> {
  const by = { id, meant: (failure: Failure) => meant(failure, phase), bodyOf: withEtag };
  return readAnswer(by, answer, schema, value);
}

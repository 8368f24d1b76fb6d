import type { Availability, Dialect, MoveAnswer, Plan, Reading } from '../../transfer/ports.ts';
import type { Target } from '../../transfer/request.ts';
import type { DialectParts } from '../dialect.ts';
import { intercepted } from '../http/answers.ts';
import { toCall, tracePlatform } from './call.ts';
import { Conversation } from './conversation.ts';
import {
  Authorization,
  grantedBy,
  type Person,
  RoutingStatus,
  toAgent,
  toPerson,
  toUserAvailability,
  User,
} from './people.ts';
import { Observations, observationQuery, Queue, toQueueAvailability } from './queues.ts';
import { meant, read } from './read.ts';
import type { Before } from './trace.ts';
import { setWrapUp, wrapUpLeft } from './wrap-up.ts';

/** How old a reading may be; no public source says. */
const READ_LAG_MS = 6_000;
/** Without events: when to look for the end of an accepted transfer. */
const GAPS_MS = [1_500, 3_000, 6_000, 12_000, 30_000, 60_000] as const;

/** The Platform API: each operation, and what its answer means for a transfer. */
export function createPlatformTransfers(parts: DialectParts): Dialect {
  const { client, cache, userTtlMs, queueTtlMs, readLagMs = READ_LAG_MS, speed = 1 } = parts;
  const [first, ...later] = GAPS_MS;
  const gapsMs: Plan['gapsMs'] = [first / speed, ...later.map((ms) => ms / speed)];
  const get = (operation: string, path: string, signal: AbortSignal) =>
    client.request({ operation, method: 'GET', path, signal });

  async function readPerson(userId: string, signal: AbortSignal): Promise<Reading<Person>> {
    const path = `/api/v2/users/${encodeURIComponent(userId)}`;
    const person = read(
      { phase: 'agent', id: userId },
      await get('user', `${path}?expand=authorization`, signal),
      User,
      toPerson,
    );
    if (!person.ok || person.value.granted !== null) return person;
    // Expanded on a best-effort basis; the exact request needs a permission that the client may lack.
    const granted = read(
      { phase: 'agent' },
      await get('roles', `${path}/roles`, signal),
      Authorization,
      grantedBy,
    );
    const requests = [...person.requests, ...granted.requests];
    return { ...person, value: { ...person.value, granted: granted.ok ? granted.value : null }, requests };
  }

  async function readQueue(id: string, signal: AbortSignal): Promise<Reading<Availability>> {
    const path = `/api/v2/routing/queues/${encodeURIComponent(id)}`;
    const queue = read({ phase: 'target', id }, await get('queue', path, signal), Queue, (body) => body);
    if (!queue.ok) return queue;
    const answer = await client.request({
      operation: 'observations',
      method: 'POST',
      path: '/api/v2/analytics/queues/observations/query',
      body: observationQuery(id),
      signal,
    });
    const observed = read({ phase: 'target' }, answer, Observations, (body) => toQueueAvailability(body, id));
    return { ...observed, requests: [...queue.requests, ...observed.requests] };
  }

  return {
    trace: tracePlatform,
    timing: { readLagMs, confirm: { gapsMs } },
    // Agent and roles, call, target twice, effect. Confirmation: the call. A follow-up: the conversation and the code.
    costs: { run: 6, confirm: 1, consultEnd: 0, followUp: 2 },
    steps: () => ['move'],
    refuses: ({ transferType }) =>
      transferType === 'consult'
        ? {
            reason: 'needs-user-token',
            words: "a consult needs the agent's own token; client credentials cannot start one",
          }
        : undefined,
    // An Attended transfer leaves the leg connected, so a second one would move the caller again.
    repeatable: (_request, _effect, { data }) => (isAttended(data) ? 'never' : 'same-leg'),
    leaves: wrapUpLeft,
    followUp: (followUp, { callId }, signal) => setWrapUp(client, followUp, callId, signal),

    async readAgent({ userId, target, fallback }, signal) {
      const what = { kind: 'person', id: userId, ttlMs: userTtlMs } as const;
      const person = await cache.remember(what, () => readPerson(userId, signal));
      if (!person.ok) return person;
      const types = [target, fallback].flatMap((one) => (one === undefined ? [] : [one.type]));
      return { ...person, value: toAgent(person.value, types) };
    },

    readCall: async ({ callId, userId }, signal, purse) =>
      read(
        { phase: 'call', id: callId },
        await client.request({
          ...{ operation: 'call', method: 'GET', signal, purse },
          path: `/api/v2/conversations/calls/${encodeURIComponent(callId)}`,
        }),
        Conversation,
        (body) => toCall(body, userId),
      ),

    async readTarget({ type, id }, signal) {
      const what = { kind: 'availability', id: `${type} ${id}`, ttlMs: queueTtlMs } as const;
      return cache.remember(what, async () => {
        if (type !== 'user') return readQueue(id, signal);
        const path = `/api/v2/users/${encodeURIComponent(id)}/routingstatus`;
        return read(
          { phase: 'target' },
          await get('routing-status', path, signal),
          RoutingStatus,
          toUserAvailability,
        );
      });
    },

    operationFor,

    async move({ callId, target, mark }, gate, signal): Promise<MoveAnswer> {
      const leg = `/api/v2/conversations/${encodeURIComponent(callId)}/participants/${encodeURIComponent(mark.leg ?? '')}`;
      const transferType = isAttended(mark.data) ? 'Attended' : 'Unattended';
      const { path, body } = placeOf(target);
      const answer = await client.request({
        ...{ operation: 'transfer', method: 'POST', path: `${leg}${path}`, gate, signal },
        limitedAs: operationFor(target),
        body: { ...body, transferType },
      });
      const { requests } = answer;
      if (!answer.ok) {
        if (answer.gate === 'shut') return { moved: 'shut', requests };
        return { moved: 'failed', gate: answer.gate, failure: meant(answer.failure, 'effect'), requests };
      }
      if (answer.said.status === 202) return { moved: 'accepted', requests };
      return { moved: 'failed', gate: 'opened', failure: intercepted(answer.said, 'not 202'), requests };
    },

    async forget(what) {
      if ('userId' in what) await cache.forget('person', what.userId);
      else await cache.forget('availability', `${what.target.type} ${what.target.id}`);
    },
  };
}

/** A waiting call cannot leave its queue unattended. */
function isAttended(before: unknown): boolean {
  return (before as Before | null)?.legPurpose === 'acd';
}

/** Each kind of target has its own path, and so its own limit. */
function operationFor(target: Target): string {
  return `transfer ${placeOf(target).path}`;
}

function placeOf({ type, id }: Target): { path: string; body: object } {
  if (type === 'user') return { path: '/replace/agent', body: { userId: id } };
  return { path: '/replace/queue', body: { queueId: id } };
}

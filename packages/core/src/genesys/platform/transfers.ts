import type { Dialect, MoveAnswer, Plan } from '../../transfer/ports.ts';
import type { Target } from '../../transfer/request.ts';
import type { DialectParts } from '../dialect.ts';
import { intercepted } from '../http/answers.ts';
import { defaultPolicies } from '../policies.ts';
import { refusalOf } from '../refusal.ts';
import { AGENT_REQUESTS, createAgentReader } from './agents.ts';
import { toCall, tracePlatform } from './call.ts';
import { Conversation } from './conversation.ts';
import { explainLost } from './lost.ts';
import { isAttended, placeOf, refusedMove } from './moves.ts';
import { read } from './read.ts';
import { checkTargets } from './request.ts';
import { setSkills, skillsLeft } from './skills.ts';
import { createTargetReader, targetRequests } from './targets.ts';
import { setWrapUp, wrapUpLeft } from './wrap-up.ts';

/** How old a reading may be; no public source says. */
const READ_LAG_MS = 6_000;
/** Without events: when to look for the end of an accepted transfer. */
const GAPS_MS = [1_500, 3_000, 6_000, 12_000, 30_000, 60_000] as const;

/** The Platform API: each operation, and what its answer means for a transfer. */
export function createPlatformTransfers(parts: DialectParts): Dialect {
  const { client, cache, userTtlMs, queueTtlMs, readLagMs = READ_LAG_MS, speed = 1, now } = parts;
  const [first, ...later] = GAPS_MS;
  const gapsMs: Plan['gapsMs'] = [first / speed, ...later.map((ms) => ms / speed)];
  const policies = parts.policies ?? defaultPolicies;
  const agents = createAgentReader({ client, cache, userTtlMs, policies });
  const targets = createTargetReader({ client, cache, queueTtlMs, policies, now });

  return {
    trace: tracePlatform,
    timing: { readLagMs, confirm: { gapsMs } },
    // Agent, call, target, fallback, effect; a call that is not found takes one more, and no effect. Confirmation: the call.
    // A follow-up: the conversation, the code, and where that is refused those offered; or the call and its skills.
    costs: {
      run: AGENT_REQUESTS + 1 + 2 * targetRequests(policies) + 1,
      ...{ confirm: 1, consultEnd: 0, followUp: 3 },
    },
    steps: () => ['move'],
    refuses: (request) =>
      request.transferType === 'consult'
        ? {
            reason: 'needs-user-token',
            words:
              "a consult needs the agent's own token; client credentials cannot start one. " +
              'Use transferType blind with mode attended',
          }
        : refusalOf(checkTargets(request)),
    // An Attended transfer leaves the leg connected, so a second one would move the caller again.
    repeatable: ({ mode }, _effect, { data }) => (isAttended(mode, data) ? 'never' : 'same-leg'),
    leaves: (request, intent) => [...skillsLeft(intent), ...wrapUpLeft(request, intent)],
    followUp: (followUp, { callId }, signal) =>
      (followUp.kind === 'skills' ? setSkills : setWrapUp)(client, followUp, callId, signal),

    readAgent: agents.readAgent,

    async readCall(wanted, signal, purse) {
      const { callId, decides } = wanted;
      const call = read(
        { phase: 'call', id: callId },
        await client.request({
          ...{ operation: 'call', method: 'GET', signal, purse },
          path: `/api/v2/conversations/calls/${encodeURIComponent(callId)}`,
        }),
        Conversation,
        (body) => toCall(body, wanted, policies.privacy),
      );
      return decides === true ? explainLost(client, call, callId, signal) : call;
    },

    readTarget: targets.readTarget,

    operationFor,

    async move({ callId, target, mode, mark }, gate, signal): Promise<MoveAnswer> {
      const leg = `/api/v2/conversations/${encodeURIComponent(callId)}/participants/${encodeURIComponent(mark.leg ?? '')}`;
      const transferType = isAttended(mode, mark.data) ? 'Attended' : 'Unattended';
      const { path, body } = placeOf(target);
      const answer = await client.request({
        ...{ operation: 'transfer', method: 'POST', path: `${leg}${path}`, gate, signal },
        limitedAs: operationFor(target),
        body: { ...body, transferType },
      });
      const { requests } = answer;
      if (!answer.ok) {
        if (answer.gate === 'shut') return { moved: 'shut', requests };
        return { moved: 'failed', gate: answer.gate, failure: refusedMove(answer.failure, target), requests };
      }
      if (answer.said.status === 202) return { moved: 'accepted', requests };
      return { moved: 'failed', gate: 'opened', failure: intercepted(answer.said, 'not 202'), requests };
    },

    async forget(what) {
      if ('userId' in what) await cache.forget('person', what.userId);
      else await targets.forget(what.target);
    },
  };
}

/** Each kind of target has its own path, and so its own limit. */
function operationFor(target: Target): string {
  return `transfer ${placeOf(target).path}`;
}

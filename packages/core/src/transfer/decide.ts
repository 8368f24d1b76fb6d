import { classify, describeFailure, type Phase } from './classify.ts';
import { sameTarget } from './compare.ts';
import type { Agent, Availability, Call, Reading } from './ports.ts';
import type { Target, TransferRequest } from './request.ts';
import type { Outcome } from './words.ts';

/** The input of a decision: readings, clock and request. */
export type Evidence = {
  request: TransferRequest;
  /** Epoch milliseconds by Redis' clock. */
  now: number;
  expiresAt: number;
  agent: Reading<Agent>;
  call: Reading<Call>;
  target: Reading<Availability>;
  /** Targets of requests that the platform accepted and then abandoned. */
  gaveUp: readonly Target[];
  /** Targets that the platform refused in this run when they were sent. */
  refused: readonly RefusedTarget[];
  /** Read only when a decision asked for it. */
  fallback?: Reading<Availability> | undefined;
};

export type RefusedTarget = { target: Target; why: string };

export type Decision =
  | { do: 'send'; rule: string; target: Target; isFallback: boolean; call: Call }
  | { do: 'read-fallback'; rule: string; fallback: Target }
  | { do: 'end'; rule: string; outcome: Outcome }
  | { do: 'hold-off'; rule: string; until: number; operation?: string | undefined }
  | { do: 'retry'; rule: string; detail: string }
  | { do: 'look-again'; rule: string }
  | { do: 'hand-back'; rule: string };

type Step = Decision | undefined;

/**
 * Decides what to do with a call: a pure function of readings, clock and request (docs/rules.md). Definite facts end the transfer
 * first; then missing facts make it wait; then the target is checked.
 */
export function decide(evidence: Evidence): Decision {
  return (
    pastDeadline(evidence) ??
    agentSaysNo(evidence.agent) ??
    callSaysNo(evidence.call) ??
    mustWait(evidence) ??
    route(evidence)
  );
}

function pastDeadline({ now, expiresAt }: Evidence): Step {
  if (now < expiresAt) return undefined;
  return { do: 'end', rule: 'past the deadline', outcome: { status: 'expired' } };
}

function agentSaysNo(agent: Reading<Agent>): Step {
  if (!agent.ok) return rejectedByRead(agent, 'agent');
  if (agent.value.mayTransfer) return undefined;
  return rejected('the agent lacks the permission', 'not-permitted', agent.value.why);
}

function callSaysNo(call: Reading<Call>): Step {
  if (!call.ok) return rejectedByRead(call, 'call');
  if (call.value.private)
    return rejected(
      'private call',
      'call-is-private',
      call.value.whyPrivate ?? 'a private call is never transferred by API',
    );
  if (call.value.ended) return rejected('call ended', 'call-ended', `the call is ${call.value.state}`);
  const { obstacle } = call.value;
  if (obstacle === undefined || obstacle.is === 'not-yet') return undefined;
  return rejected('this agent cannot move this call', obstacle.is, obstacle.words);
}

/** A read failed for a transient reason: hold off, return the job or retry later. */
function mustWait({ now, agent, call, target, fallback }: Evidence): Step {
  const read: [string, Reading<unknown> | undefined, Phase][] = [
    ['agent', agent, 'agent'],
    ['call', call, 'call'],
    ['target', target, 'target'],
    ['fallback', fallback, 'target'],
  ];
  const failed = read.flatMap(([what, reading, phase]) =>
    reading === undefined || reading.ok
      ? []
      : [{ what, failure: reading.failure, classified: classify(reading.failure, phase) }],
  );
  const held = latestHold(
    failed.flatMap(({ failure, classified }) => {
      if (classified.follow !== 'hold-off') return [];
      return [failure.kind === 'held' ? failure : { until: now, rule: 'rate limited', operation: undefined }];
    }),
  );
  if (held !== undefined)
    return { do: 'hold-off', rule: held.rule, until: held.until, operation: held.operation };
  if (failed.some(({ classified }) => classified.follow === 'hand-back'))
    return { do: 'hand-back', rule: 'shutting down before the effect' };
  const later = failed.find(({ classified }) => classified.follow === 'retry');
  if (later === undefined) return waitForAgent(call);
  const detail = describeFailure(later.failure);
  return { do: 'retry', rule: `the ${later.what} cannot be read now`, detail: `${later.what}: ${detail}` };
}

/** The hold-off of everybody comes first: one of a single operation, however long, holds up only this transfer. */
function latestHold<H extends { until: number; operation?: string | undefined }>(held: H[]): H | undefined {
  const ofAll = held.filter(({ operation }) => operation === undefined);
  const [latest] = (ofAll.length > 0 ? ofAll : held).sort((one, other) => other.until - one.until);
  return latest;
}

/** The agent is about to have the call: soon looked at again, and not counted as an error. */
function waitForAgent(call: Reading<Call>): Step {
  if (!call.ok || call.value.obstacle?.is !== 'not-yet') return undefined;
  return { do: 'look-again', rule: call.value.obstacle.words };
}

function route({ request, call, target, fallback, ...tried }: Evidence): Decision {
  if (!call.ok) throw new Error('decide: the call was not read, and no rule said what follows');
  const whyNot = whyTriedInVain(request.target, tried);
  if (whyNot === undefined && target.ok && target.value.open)
    return { do: 'send', rule: 'target open', target: request.target, isFallback: false, call: call.value };
  const why = whyNot === undefined ? `target ${availabilityWords(target)}` : `target: ${whyNot}`;
  const refused = (rule: string, detail: string) =>
    tried.gaveUp.length > 0 ? givenUp(rule, detail) : rejected(rule, 'target-unavailable', detail);
  const other = request.fallback;
  if (other === undefined) {
    const isPassing = whyNot === undefined && isTransient(target);
    if (isPassing) return { do: 'retry', rule: 'target unreadable, no fallback', detail: why };
    return refused('target not open, no fallback', why);
  }
  const otherWhyNot = whyTriedInVain(other, tried);
  if (otherWhyNot !== undefined) {
    const isPassing = whyNot === undefined && isTransient(target);
    const both = `${why}; fallback: ${otherWhyNot}`;
    if (isPassing) return { do: 'retry', rule: 'target unreadable, fallback tried in vain', detail: both };
    return refused('neither target nor fallback possible', both);
  }
  if (fallback === undefined) return { do: 'read-fallback', rule: why, fallback: other };
  if (fallback.ok && fallback.value.open)
    return { do: 'send', rule: why, target: other, isFallback: true, call: call.value };
  const both = `${why}; fallback ${availabilityWords(fallback)}`;
  if (isTransient(fallback)) return { do: 'retry', rule: 'fallback unreadable', detail: both };
  return refused('neither target nor fallback open', both);
}

/** Why this target is not tried again; `undefined` if it was not tried. */
function whyTriedInVain(wanted: Target, { gaveUp, refused }: Pick<Evidence, 'gaveUp' | 'refused'>) {
  if (gaveUp.some((one) => sameTarget(one, wanted))) return 'the platform abandoned the transfer to it';
  return refused.find(({ target }) => sameTarget(target, wanted))?.why;
}

function isTransient(reading: Reading<Availability>): boolean {
  if (reading.ok) return false;
  const classified = classify(reading.failure, 'target');
  return classified.follow === 'fallback' && classified.orElse === 'retry';
}

function availabilityWords(reading: Reading<Availability>): string {
  return reading.ok ? `is ${reading.value.state}` : describeFailure(reading.failure);
}

function rejectedByRead(reading: Reading<unknown> & { ok: false }, phase: 'agent' | 'call'): Step {
  const classified = classify(reading.failure, phase);
  if (classified.follow !== 'reject') return undefined;
  return rejected(
    `permanent error reading the ${phase}`,
    classified.reason,
    `${phase}: ${describeFailure(reading.failure)}`,
  );
}

function rejected(rule: string, reason: NonNullable<Outcome['reason']>, detail: string): Decision {
  return { do: 'end', rule, outcome: { status: 'rejected', reason, detail } };
}

function givenUp(rule: string, detail: string): Decision {
  return { do: 'end', rule, outcome: { status: 'failed', reason: 'target-gave-up', detail } };
}

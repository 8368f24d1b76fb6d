export const scenarios = [
  'plain',
  'queue-closed',
  'private-call',
  'no-permission',
  'etag-conflict',
  'rate-limited',
  'outage',
  'lost-answer',
  'caller-hangs-up',
] as const;
export type Scenario = (typeof scenarios)[number];

/** A training run, in either world: agent, call, targets, and the fault. */
export type SimulatedRun = {
  scenario: Scenario;
  userId: string;
  callId: string;
  targetQueueId: string;
  fallbackQueueId?: string | undefined;
};

export type Kind = 'user' | 'call' | 'queue';

/** How a run should end. */
export type Expected = {
  status: 'transferred' | 'rejected';
  reason?: string;
  isFallback?: boolean;
};

type Description = {
  /** What happens. */
  description: string;
  /** What should be done about it. */
  handling: string;
  expected: Expected;
  /** Where that is something else without a fallback. */
  withoutFallback?: Expected;
  /** The entities that the scenario replaces by special ones. */
  standIn?: Kind;
};

const MOVED: Expected = { status: 'transferred', isFallback: false };

const descriptions: Record<Scenario, Description> = {
  plain: {
    description: 'Everything goes well.',
    handling: 'Move the call to its target, once.',
    expected: MOVED,
  },
  'queue-closed': {
    description: 'The target queue is closed.',
    handling: 'Use the fallback, or refuse the transfer if there is none; the call stays with its agent.',
    expected: { status: 'transferred', isFallback: true },
    withoutFallback: { status: 'rejected', reason: 'target-unavailable' },
    standIn: 'queue',
  },
  'private-call': {
    description: 'The call is private and must not be moved.',
    handling: 'Refuse the transfer without sending anything.',
    expected: { status: 'rejected', reason: 'call-is-private' },
    standIn: 'call',
  },
  'no-permission': {
    description: 'The agent has no role that may transfer calls.',
    handling: 'Refuse the transfer without sending anything.',
    expected: { status: 'rejected', reason: 'not-permitted' },
    standIn: 'user',
  },
  'etag-conflict': {
    description: 'The call changes between the read and the transfer, once.',
    handling: 'Read the call again, decide anew, and move it once.',
    expected: MOVED,
  },
  'rate-limited': {
    description: 'The platform answers the transfer 429 with Retry-After, once.',
    handling: 'Wait as long as the platform asks, then move the call once.',
    expected: MOVED,
  },
  outage: {
    description: 'The platform answers the transfer 503 twice, then all is well.',
    handling: 'Wait longer each time, find out whether it happened, and move the call once.',
    expected: MOVED,
  },
  'lost-answer': {
    description: 'The transfer happens, but its answer is lost.',
    handling: 'Do not send it again blindly: read the call, see that it was moved, and report that.',
    expected: MOVED,
  },
  'caller-hangs-up': {
    description: 'The caller hangs up between the read and the transfer.',
    handling: 'See that the call has ended, and say so: nothing is left to move.',
    expected: { status: 'rejected', reason: 'call-ended' },
    standIn: 'call',
  },
};

/** The scenarios by name: what happens, what should be done, and how a run should end. */
export function describeScenarios() {
  return scenarios.map((scenario) => {
    const { standIn: _, ...told } = descriptions[scenario];
    return { scenario, ...told };
  });
}

/**
 * The ids that a run uses. A scenario that needs a special entity has one with its own id, `<id>~<scenario>`, so that shared state
 * stays unchanged and cached look-ups stay valid. `ordinary`: the other entities.
 */
export function castOf(run: SimulatedRun): { cast: SimulatedRun; ordinary: [Kind, string][] } {
  const { standIn } = descriptions[run.scenario];
  const { userId, callId, targetQueueId, fallbackQueueId } = run;
  const special = (kind: Kind, id: string) => (standIn === kind ? standInId(id, run.scenario) : id);
  const cast = {
    ...run,
    userId: special('user', userId),
    callId: special('call', callId),
    targetQueueId: special('queue', targetQueueId),
  };
  const all: [Kind, string][] = [
    ['user', userId],
    ['call', callId],
    ['queue', targetQueueId],
  ];
  const ordinary = all.filter(([kind]) => kind !== standIn);
  if (fallbackQueueId !== undefined) ordinary.push(['queue', fallbackQueueId]);
  return { cast, ordinary };
}

/** The id of a special entity, derived from the original; stable when a run is repeated with it. At most 200 characters. */
function standInId(id: string, scenario: Scenario): string {
  const suffix = `~${scenario}`;
  return id.endsWith(suffix) ? id : `${id.slice(0, 200 - suffix.length)}${suffix}`;
}

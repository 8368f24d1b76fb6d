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

type Description = {
  description: string;
  /** The entities that the scenario replaces by special ones. */
  standIn?: Kind;
};

const descriptions: Record<Scenario, Description> = {
  plain: { description: 'Everything goes well.' },
  'queue-closed': { description: 'The target queue is closed.', standIn: 'queue' },
  'private-call': { description: 'The call is private and must not be moved.', standIn: 'call' },
  'no-permission': { description: 'The agent has no role that may transfer calls.', standIn: 'user' },
  'etag-conflict': { description: 'The call changes between the read and the transfer, once.' },
  'rate-limited': { description: 'The platform answers the transfer 429 with Retry-After, once.' },
  outage: { description: 'The platform answers the transfer 503 twice, then all is well.' },
  'lost-answer': { description: 'The transfer happens, but its answer is lost.' },
  'caller-hangs-up': {
    description: 'The caller hangs up between the read and the transfer.',
    standIn: 'call',
  },
};

/** The scenarios by name, with descriptions. */
export function describeScenarios(): { scenario: Scenario; description: string }[] {
  return scenarios.map((scenario) => ({ scenario, description: descriptions[scenario].description }));
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

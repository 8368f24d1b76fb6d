import type { Step } from '../schemas.ts';
import type { Scripts } from '../scripts.ts';
import type { ScriptedOperation } from '../words.ts';
import type { World } from './world.ts';

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

/** A training run: agent, call, targets, and the fault. */
export type SimulatedRun = {
  scenario: Scenario;
  userId: string;
  callId: string;
  targetQueueId: string;
  fallbackQueueId?: string | undefined;
};

type Kind = 'user' | 'call' | 'queue';

type Recipe = {
  description: string;
  /** The entities that the scenario replaces by special ones. */
  standIn?: Kind;
  /** Steps for the next transfers of the call. */
  transferSteps?: Step[];
};

const recipes: Record<Scenario, Recipe> = {
  plain: { description: 'Everything goes well.' },
  'queue-closed': { description: 'The target queue is closed.', standIn: 'queue' },
  'private-call': {
    description: 'The call is private and must not be moved.',
    standIn: 'call',
  },
  'no-permission': { description: 'The agent has no role that may transfer calls.', standIn: 'user' },
  'etag-conflict': {
    description: 'The call changes between the read and the transfer, once.',
    transferSteps: [{ before: { action: 'bump-etag' } }],
  },
  'rate-limited': {
    description: 'The platform answers the transfer 429 with Retry-After, once.',
    transferSteps: [{ status: 429, headers: { 'retry-after': '3' } }],
  },
  outage: {
    description: 'The platform answers the transfer 503 twice, then all is well.',
    transferSteps: [{ status: 503, times: 2 }],
  },
  'lost-answer': {
    description: 'The transfer happens, but its answer is lost.',
    transferSteps: [{ drop: 'after' }],
  },
  'caller-hangs-up': {
    description: 'The caller hangs up between the read and the transfer.',
    standIn: 'call',
    transferSteps: [{ before: { action: 'hang-up' } }],
  },
};

/** The scenarios by name, with descriptions. */
export function describeScenarios(): { scenario: Scenario; description: string }[] {
  return scenarios.map((scenario) => ({ scenario, description: recipes[scenario].description }));
}

/**
 * Prepares training runs without changing existing entities. Unknown ids get default entities, recreated by each
 * run. A scenario that needs a special entity creates one with its own id, `<id>~<scenario>`, so that shared state
 * stays unchanged and cached look-ups stay valid.
 */
export class Simulations {
  readonly #madeUp = new Set<string>();
  readonly #world: World;
  readonly #scripts: Scripts<ScriptedOperation, Step>;

  constructor(world: World, scripts: Scripts<ScriptedOperation, Step>) {
    this.#world = world;
    this.#scripts = scripts;
  }

  /** Prepares the run and returns it with the ids to use. */
  prepare(run: SimulatedRun): SimulatedRun {
    const { standIn, transferSteps } = recipes[run.scenario];
    const idFor = (kind: Kind, id: string) =>
      standIn === kind ? standInId(id, run.scenario) : this.#ordinary(kind, id);
    const prepared: SimulatedRun = {
      scenario: run.scenario,
      userId: idFor('user', run.userId),
      callId: idFor('call', run.callId),
      targetQueueId: idFor('queue', run.targetQueueId),
      ...(run.fallbackQueueId !== undefined && {
        fallbackQueueId: this.#ordinary('queue', run.fallbackQueueId),
      }),
    };
    this.#makeStandIn(prepared);
    this.#scripts.removeSimulated('transfer', prepared.callId);
    if (transferSteps) {
      this.#scripts.add({ operation: 'transfer', id: prepared.callId, steps: transferSteps }, true);
    }
    return prepared;
  }

  /** From now on this id belongs to the client that created it through the control API. */
  release(kind: Kind, id: string): void {
    this.#madeUp.delete(`${kind} ${id}`);
  }

  clear(): void {
    this.#madeUp.clear();
  }

  #ordinary(kind: Kind, id: string): string {
    const world = this.#world;
    const key = `${kind} ${id}`;
    const known = { user: world.users, call: world.calls, queue: world.queues }[kind];
    if (known.has(id) && !this.#madeUp.has(key)) return id;
    if (kind === 'user') world.putUser(id);
    else if (kind === 'call') world.putCall(id);
    else world.putQueue(id);
    this.#madeUp.add(key);
    return id;
  }

  #makeStandIn(run: SimulatedRun): void {
    const world = this.#world;
    if (run.scenario === 'queue-closed') world.putQueue(run.targetQueueId, { state: 'closed' });
    if (run.scenario === 'no-permission') world.putUser(run.userId, { roles: [] });
    if (run.scenario === 'private-call') world.putCall(run.callId, { privacy: true });
    if (run.scenario === 'caller-hangs-up') world.putCall(run.callId);
  }
}

/** The id of a special entity, derived from the original; stable when a run is repeated with it. At most 200 characters. */
function standInId(id: string, scenario: Scenario): string {
  const suffix = `~${scenario}`;
  return id.endsWith(suffix) ? id : `${id.slice(0, 200 - suffix.length)}${suffix}`;
}

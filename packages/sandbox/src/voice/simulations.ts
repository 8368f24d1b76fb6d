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

/** A training run: who moves which call where, and what goes wrong. */
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
  /** Whose place a stand-in takes, because the scenario needs one that is not as usual. */
  standIn?: Kind;
  /** How the next transfers of the call go. */
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

/** The scenarios by name, with a sentence each. */
export function describeScenarios(): { scenario: Scenario; description: string }[] {
  return scenarios.map((scenario) => ({ scenario, description: recipes[scenario].description }));
}

/**
 * Prepares training runs without touching what others made. Unknown ids are made up as ordinary ones, and made
 * anew by each further run; known ids stay as they are. Where a scenario needs something that is not as usual, it makes a
 * stand-in with an id of its own, `<id>~<scenario>`, so that no shared world changes and no cached look-up is wrong.
 */
export class Simulations {
  readonly #madeUp = new Set<string>();
  readonly #world: World;
  readonly #scripts: Scripts<ScriptedOperation, Step>;

  constructor(world: World, scripts: Scripts<ScriptedOperation, Step>) {
    this.#world = world;
    this.#scripts = scripts;
  }

  /** Prepares the run and gives it back with the ids to use. */
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

/** An id that says whose place the stand-in takes; a run repeated with it means the same stand-in. Within 200 characters. */
function standInId(id: string, scenario: Scenario): string {
  const suffix = `~${scenario}`;
  return id.endsWith(suffix) ? id : `${id.slice(0, 200 - suffix.length)}${suffix}`;
}

import type { Step } from '../schemas.ts';
import type { Scripts } from '../scripts.ts';
import { castOf, type Kind, type Scenario, type SimulatedRun } from '../training.ts';
import type { ScriptedOperation } from '../words.ts';
import type { World } from './world.ts';

/** The steps for the next transfers of the call. */
const TRANSFER_STEPS: Partial<Record<Scenario, Step[]>> = {
  'etag-conflict': [{ before: { action: 'bump-etag' } }],
  'rate-limited': [{ status: 429, headers: { 'retry-after': '3' } }],
  outage: [{ status: 503, times: 2 }],
  'lost-answer': [{ drop: 'after' }],
  'caller-hangs-up': [{ before: { action: 'hang-up' } }],
};

/**
 * Prepares training runs without changing existing entities. Unknown ids get default entities, recreated by each
 * run.
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
    const { cast, ordinary } = castOf(run);
    for (const [kind, id] of ordinary) this.#makeUp(kind, id);
    this.#makeStandIn(cast);
    this.#scripts.removeSimulated('transfer', cast.callId);
    const steps = TRANSFER_STEPS[run.scenario];
    if (steps) this.#scripts.add({ operation: 'transfer', id: cast.callId, steps }, true);
    return cast;
  }

  /** From now on this id belongs to the client that created it through the control API. */
  release(kind: Kind, id: string): void {
    this.#madeUp.delete(`${kind} ${id}`);
  }

  clear(): void {
    this.#madeUp.clear();
  }

  #makeUp(kind: Kind, id: string): void {
    const world = this.#world;
    const key = `${kind} ${id}`;
    const known = { user: world.users, call: world.calls, queue: world.queues }[kind];
    if (known.has(id) && !this.#madeUp.has(key)) return;
    if (kind === 'user') world.putUser(id);
    else if (kind === 'call') world.putCall(id);
    else world.putQueue(id);
    this.#madeUp.add(key);
  }

  #makeStandIn(run: SimulatedRun): void {
    const world = this.#world;
    if (run.scenario === 'queue-closed') world.putQueue(run.targetQueueId, { state: 'closed' });
    if (run.scenario === 'no-permission') world.putUser(run.userId, { roles: [] });
    if (run.scenario === 'private-call') world.putCall(run.callId, { privacy: true });
    if (run.scenario === 'caller-hangs-up') world.putCall(run.callId);
  }
}

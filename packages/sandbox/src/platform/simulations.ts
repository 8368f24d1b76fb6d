import type { Scripts } from '../scripts.ts';
import { castOf, type Kind, type Scenario, type SimulatedRun } from '../training.ts';
import type { Directory } from './directory.ts';
import type { ConversationFields, PlatformStep } from './schemas.ts';
import type { Conversation, PlatformOperation } from './words.ts';

/** The part of the platform that a training run prepares. */
type World = {
  readonly directory: Directory;
  readonly conversations: { read(id: string): Conversation | undefined };
  readonly scripts: Scripts<PlatformOperation, PlatformStep>;
  putConversation(id: string, fields?: ConversationFields): Conversation;
};

const REPLACE_QUEUE = 'postConversationParticipantReplaceQueue';
const MAY_TRANSFER = ['conversation:communication:blindTransfer', 'conversation:communication:view'];
const LISTENER = { purpose: 'agent', monitoredParticipantId: 'the-agent' };

/** The steps for the next transfers of the conversation. Nothing here has an ETag: a call that changed is refused by its legs. */
const TRANSFER_STEPS: Partial<Record<Scenario, PlatformStep[]>> = {
  'etag-conflict': [
    {
      before: { action: 'add-leg', leg: LISTENER },
      ...{ status: 400, code: 'conversations.error.transfer.not.connected' },
    },
  ],
  'rate-limited': [{ status: 429, headers: { 'retry-after': '3' } }],
  outage: [{ status: 503, times: 2 }],
  'lost-answer': [{ drop: 'after' }],
  'caller-hangs-up': [{ before: { action: 'hang-up' } }],
};

/**
 * Prepares training runs in the second world, as `voice/simulations.ts` does in the first. A conversation that is made up has the
 * agent of the run on it; on a known one the agent must be.
 */
export class PlatformSimulations {
  /** What each thing was when it was made up: what was put since then is somebody's own. */
  readonly #madeUp = new Map<string, unknown>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** Prepares the run and returns it with the ids to use. */
  prepare(run: SimulatedRun): SimulatedRun {
    const { cast, ordinary } = castOf(run);
    for (const [kind, id] of ordinary) this.#makeUp(kind, id, cast.userId);
    this.#makeStandIn(cast);
    const { scripts } = this.#world;
    scripts.removeSimulated(REPLACE_QUEUE, cast.callId);
    const steps = TRANSFER_STEPS[run.scenario];
    if (steps) scripts.add({ operation: REPLACE_QUEUE, id: cast.callId, steps }, true);
    return cast;
  }

  clear(): void {
    this.#madeUp.clear();
  }

  #makeUp(kind: Kind, id: string, userId: string): void {
    const key = `${kind} ${id}`;
    const known = this.#standing(kind, id);
    if (known !== undefined && known !== this.#madeUp.get(key)) return;
    const { directory } = this.#world;
    if (kind === 'user') directory.users.put(id, { permissions: MAY_TRANSFER });
    else if (kind === 'queue') directory.queues.put(id, { onQueueUsers: { IDLE: 2 } });
    else this.#world.putConversation(id, heldBy(userId));
    this.#madeUp.set(key, this.#standing(kind, id));
  }

  #standing(kind: Kind, id: string): unknown {
    const { directory, conversations } = this.#world;
    if (kind === 'user') return directory.users.get(id);
    if (kind === 'queue') return directory.queues.get(id);
    // The caller's leg: a conversation is another object after each change.
    return conversations.read(id)?.legs[0]?.id;
  }

  #makeStandIn({ scenario, userId, callId, targetQueueId }: SimulatedRun): void {
    const { directory } = this.#world;
    if (scenario === 'queue-closed') directory.queues.put(targetQueueId, { onQueueUsers: {} });
    if (scenario === 'no-permission') directory.users.put(userId, { permissions: [] });
    if (scenario === 'private-call')
      this.#world.putConversation(callId, { ...heldBy(userId), securePause: true });
    if (scenario === 'caller-hangs-up') this.#world.putConversation(callId, heldBy(userId));
  }
}

function heldBy(userId: string): ConversationFields {
  return { participants: [{ purpose: 'agent', user: { id: userId } }] };
}

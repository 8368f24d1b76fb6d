import type { Queue } from 'bullmq';
import { type Actor, actorLabel } from '../transfer/words.ts';
import { auditFields } from './audit.ts';
import type { RedisClient } from './connection.ts';
import { type Lane, laneKeys } from './keys.ts';
import { loadScripts } from './scripts.ts';

/** Since when a queue is paused (epoch ms by Redis' clock), by whom and why; `null` where a version before did it. */
export type Pause = { since: number | null; actor: string | null; reason: string | null };
export type PausedQueue = Pause & { queue: string };

type Pausable = Pick<Queue, 'name' | 'toKey' | 'pause' | 'resume' | 'isPaused'>;
export type PauseStore = ReturnType<typeof createPauseStore>;

const UNKNOWN: Pause = { since: null, actor: null, reason: null };

/**
 * Pauses queues for all workers, and says who paused them. BullMQ's own flag counts, which is set in the same step as the audit.
 * Every function throws what Redis throws.
 */
export function createPauseStore(redis: RedisClient, lane: Lane) {
  const runScript = loadScripts(redis);
  const { audit, paused } = laneKeys(lane);

  async function change(queue: Pausable, pause: boolean, actor: Actor, reason: string): Promise<Pause> {
    const state = { since: 0, actor: actorLabel(actor), reason };
    const isPerson = actor.type === 'apiKey' || actor.type === 'operator';
    const [, known = ''] = (await runScript('queues/pause', {
      keys: { audit, paused, meta: queue.toKey('meta') },
      args: {
        queue: queue.name,
        pause: pause ? '1' : '',
        state: JSON.stringify(state),
        // What a worker does stands in its log.
        audit: isPerson ? auditFields(actor, pause ? 'pause' : 'resume', queue.name, reason) : '',
      },
    })) as [string, string?];
    // The rest of BullMQ's own step, which wakes or tells its workers.
    await (pause ? queue.pause() : queue.resume());
    return pauseOf(known);
  }

  return {
    /** Pauses it; a queue that is paused keeps its actor and reason. Returns who paused it, when and why. */
    pause: (queue: Pausable, actor: Actor, reason: string) => change(queue, true, actor, reason),

    /** Resumes it; one that is not paused stays as it is. */
    async resume(queue: Pausable, actor: Actor, reason: string): Promise<void> {
      await change(queue, false, actor, reason);
    },

    /** Those of the queues that are paused. */
    async pausedQueues(queues: Pick<Pausable, 'name' | 'isPaused'>[]): Promise<PausedQueue[]> {
      const [flags, states] = await Promise.all([
        Promise.all(queues.map((queue) => queue.isPaused())),
        redis.hgetall(paused),
      ]);
      return queues
        .filter((_, index) => flags[index])
        .map(({ name }) => ({ queue: name, ...pauseOf(states[name] ?? '') }));
    },
  };
}

function pauseOf(json: string): Pause {
  return json === '' ? UNKNOWN : (JSON.parse(json) as Pause);
}

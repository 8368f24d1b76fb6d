import { randomUUID } from 'node:crypto';
import { type RedisClient, redisNow } from './connection.ts';
import { redisKeys } from './keys.ts';
import { loadScripts } from './scripts.ts';

/**
 * Possible data loss in Redis. `unsure`: it is a different instance, and not all processes have compared their progress yet.
 * `open`: until `until` (epoch ms), a call already at its target is not moved without an event or an operator.
 */
export type Recovery =
  | { state: 'none' }
  | { state: 'unsure' }
  | { state: 'open'; since: number; until: number; why: string };

export type Presence = {
  recovery: Recovery;
  /** How many replicas follow closely; `undefined` if unknown. */
  replicas: number | undefined;
};

export type PresenceOptions = {
  prefix: string;
  /** Whether this process moves calls. */
  isWorker?: boolean;
  recoveryMs: number;
  /** How many replicas an intent needs. */
  neededReplicas: number;
  /** The highest progress that this process has seen. */
  progress: Progress;
  /** Called when Redis has less progress than this process has seen. */
  onForgotten: (why: string) => void;
  onChange?: (presence: Presence) => void;
  /** The connection was silent for too long: replace other connections too. */
  onSilent: () => void;
  /** Called for each error of Redis. */
  onError?: (error: unknown) => void;
};

export type PresenceWatch = ReturnType<typeof watchPresence>;

/**
 * The highest progress that a process has seen, and that of its own last intent. After a split brain either Redis may have the
 * higher progress, so a different instance must also have the process' own last intent.
 */
export type Progress = ReturnType<typeof createProgress>;

const EVERY_MS = 1_000;
/** Every so many pings the process reports its presence; on each ping while the recovery is `unsure`. */
const PINGS_PER_WORD = 3;
const ANSWER_WITHIN_MS = 800;
const UNANSWERED_UNTIL_DROPPED = 2;
const COMPARED_WITHIN_MS = 5_000;
/** A worker that has not reported for that long does not count; it reports every three seconds. */
const WORKER_GONE_MS = 10_000;

export function createProgress() {
  let highest: number | undefined;
  let own: number | undefined;
  let run = '';
  let comparison = Promise.resolve();
  let compared = () => {};
  let isCompared = true;
  return {
    /** The id of this process. */
    id: randomUUID(),
    /** The connection was lost: the next Redis may be another instance, so compare first. */
    lost(): void {
      if (!isCompared) return;
      isCompared = false;
      comparison = new Promise((resolve) => {
        compared = resolve;
      });
    },
    /** The comparison is done, and its result is stored in Redis. */
    compared(): void {
      isCompared = true;
      compared();
    },
    /** Resolves once compared. Rejects on a time-out; then nothing should be sent. */
    async untilCompared(): Promise<void> {
      if (isCompared) return;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(
          () => reject(new Error('Redis was not compared with the known progress in time')),
          COMPARED_WITHIN_MS,
        );
      });
      await Promise.race([comparison, late]).finally(() => clearTimeout(timer));
    },
    /** Notes a progress that a script returned; ignores anything but a number. */
    saw(value: unknown): void {
      const progress = Number(value);
      if (value !== '' && Number.isSafeInteger(progress) && progress > (highest ?? 0)) highest = progress;
    },
    highest: () => highest,
    /** Notes the progress of an intent that this process wrote. */
    wrote(value: unknown): void {
      own = Number(value);
    },
    own: () => own,
    /** Notes the run id of the Redis compared last. */
    met(id: string): void {
      run = id;
    },
    run: () => run,
    /** Restarts from Redis' current progress, after a data loss was reported. */
    begin(value: number): void {
      highest = value;
      own = undefined;
    },
  };
}

/**
 * Reports the presence of this process every three seconds and on each connect, and compares Redis' progress with what it saw
 * (presence.lua). In between it pings: a silent connection is replaced within three seconds.
 */
export function watchPresence(redis: RedisClient, options: PresenceOptions) {
  const { prefix, recoveryMs, neededReplicas, progress, isWorker = false } = options;
  const { onForgotten, onChange, onSilent, onError } = options;
  const runScript = loadScripts(redis);
  const keys = redisKeys(prefix);
  let latest: Presence = { recovery: { state: 'none' }, replicas: undefined };
  let unanswered = 0;
  let pings = 0;

  async function say(leaves: boolean): Promise<void> {
    const seenProgress = progress.highest() ?? '';
    const reply = await runScript('presence', {
      keys,
      args: {
        ...{ id: progress.id, seenProgress, ownProgress: progress.own() ?? '', seenRun: progress.run() },
        ...{ recoveryMs, neededReplicas, isWorker: isWorker ? '1' : '', leaves: leaves ? '1' : '' },
      },
    });
    if (leaves) return;
    progress.compared();
    const [
      knows = '0',
      state = '',
      since = '0',
      until = '0',
      why = '',
      replicas = '',
      forgot = '',
      run = '',
    ] = reply as string[];
    if (progress.highest() === undefined || forgot === '1') progress.begin(Number(knows));
    progress.saw(knows);
    progress.met(run);
    const recovery: Recovery =
      state === 'open'
        ? { state, since: Number(since), until: Number(until), why }
        : { state: state === 'unsure' ? state : 'none' };
    const before = latest;
    latest = { recovery, replicas: replicas === '' ? undefined : Number(replicas) };
    if (forgot === '1') onForgotten(why);
    if (JSON.stringify(before) !== JSON.stringify(latest)) onChange?.(latest);
  }

  async function ping(isNew: boolean): Promise<void> {
    if (redis.status !== 'ready') return;
    pings = isNew ? 0 : pings + 1;
    const speaks = pings % PINGS_PER_WORD === 0 || latest.recovery.state === 'unsure';
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('Command timed out')), ANSWER_WITHIN_MS);
    });
    try {
      await Promise.race([late, speaks ? say(false) : redis.exists(keys.processes)]);
      unanswered = 0;
    } catch (error) {
      onError?.(error);
      if ((error as Error).message !== 'Command timed out') return;
      unanswered += 1;
      if (unanswered < UNANSWERED_UNTIL_DROPPED || redis.status !== 'ready') return;
      unanswered = 0;
      redis.disconnect(true);
      onSilent();
    } finally {
      clearTimeout(timer);
    }
  }

  progress.lost();
  redis.on('close', progress.lost);
  const meet = () => void ping(true);
  const timer = setInterval(() => void ping(false), EVERY_MS);
  redis.on('ready', meet);
  // A Cluster connection survives a failover, so also check after each refresh of the slot map.
  redis.on('refresh', meet);
  if (redis.status === 'ready') meet();

  return {
    known: () => latest,
    /** Stops, and deregisters this process, so that it does not count as lost. */
    async leave(): Promise<void> {
      clearInterval(timer);
      redis.off('ready', meet).off('refresh', meet).off('close', progress.lost);
      if (redis.status !== 'ready') return;
      const late = new Promise<void>((resolve) => setTimeout(resolve, ANSWER_WITHIN_MS).unref());
      await Promise.race([say(true).catch(() => undefined), late]);
    },
  };
}

/** How many workers have reported lately. Throws what Redis throws. */
export async function countWorkers(redis: RedisClient, prefix: string): Promise<number> {
  const now = await redisNow(redis);
  return redis.zcount(redisKeys(prefix).workers, now - WORKER_GONE_MS, '+inf');
}

/** Recovery and replicas, as shown by `/readyz` of the API and the worker. */
export function presenceView({ recovery, replicas }: Presence, needed: number) {
  const time = (ms: number) => new Date(ms).toISOString();
  return {
    recovery:
      recovery.state === 'open'
        ? { ...recovery, since: time(recovery.since), until: time(recovery.until) }
        : recovery,
    replicas: { needed, following: replicas ?? null },
  };
}

/** The same for the metrics. */
export function presenceStanding({ known }: Pick<PresenceWatch, 'known'>, neededReplicas: number) {
  return {
    recoveryMs() {
      const { recovery } = known();
      return recovery.state === 'open' ? recovery.until - Date.now() : 0;
    },
    replicas: () => known().replicas ?? Number.NaN,
    neededReplicas,
  };
}

import { randomUUID } from 'node:crypto';
import type { RedisClient } from './connection.ts';
import { redisKeys } from './keys.ts';
import { loadScripts } from './scripts.ts';

/**
 * What Redis may have forgotten. `unsure`: it is another Redis than before, and not everybody has compared yet. `open`: until
 * `until` no call that already stands where it is wanted is moved without a person's word. Times are epoch milliseconds.
 */
export type Recovery =
  | { state: 'none' }
  | { state: 'unsure' }
  | { state: 'open'; since: number; until: number; why: string };

export type Presence = {
  recovery: Recovery;
  /** How many replicas follow closely; `undefined` where that is not known. */
  replicas: number | undefined;
};

export type PresenceOptions = {
  prefix: string;
  recoveryMs: number;
  /** How many replicas an intent needs. */
  neededReplicas: number;
  /** The highest progress that this process saw; what it writes raises it. */
  progress: Progress;
  /** Redis knows less than this process had seen it know. */
  onForgotten: (why: string) => void;
  onChange?: (presence: Presence) => void;
  /** The connection has been silent for too long: drop what else depends on it. */
  onSilent: () => void;
  /** Something that was asked of Redis failed. */
  onError?: (error: unknown) => void;
};

export type PresenceWatch = ReturnType<typeof watchPresence>;

/** The highest progress that a process saw: what Redis knew then it must know for ever. */
export type Progress = ReturnType<typeof createProgress>;

const EVERY_MS = 1_000;
/** It says that it is there every so many pings; at each one while it is unsure what Redis has forgotten. */
const PINGS_PER_WORD = 3;
const ANSWER_WITHIN_MS = 800;
const UNANSWERED_UNTIL_DROPPED = 2;
const COMPARED_WITHIN_MS = 5_000;

export function createProgress() {
  let highest: number | undefined;
  let comparison = Promise.resolve();
  let compared = () => {};
  let isCompared = true;
  return {
    /** The connection was lost: what answers next may be another Redis, which has to be compared first. */
    lost(): void {
      if (!isCompared) return;
      isCompared = false;
      comparison = new Promise((resolve) => {
        compared = resolve;
      });
    },
    /** Redis was compared with what this process saw, and what came of it stands in Redis. */
    compared(): void {
      isCompared = true;
      compared();
    },
    /** Resolves once that is so. Rejects where it takes too long: then nothing should be sent. */
    async untilCompared(): Promise<void> {
      if (isCompared) return;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(
          () => reject(new Error('Redis was not compared with what is known')),
          COMPARED_WITHIN_MS,
        );
      });
      await Promise.race([comparison, late]).finally(() => clearTimeout(timer));
    },
    /** What a script gave for it; anything that is no number says nothing. */
    saw(value: unknown): void {
      const progress = Number(value);
      if (value !== '' && Number.isSafeInteger(progress) && progress > (highest ?? 0)) highest = progress;
    },
    highest: () => highest,
    /** A loss has been told: from here on what Redis knows now counts. */
    begin(value: number): void {
      highest = value;
    },
  };
}

/**
 * Says every three seconds, and to every Redis that it meets, that this process is there, and compares what Redis knows with what
 * it knew (presence.lua). Between that it pings: a connection that stays silent is dropped within three seconds, and a new one is made.
 */
export function watchPresence(redis: RedisClient, options: PresenceOptions) {
  const { prefix, recoveryMs, neededReplicas, progress, onForgotten, onChange, onSilent, onError } = options;
  const runScript = loadScripts(redis);
  const keys = redisKeys(prefix);
  const id = randomUUID();
  let latest: Presence = { recovery: { state: 'none' }, replicas: undefined };
  let unanswered = 0;
  let pings = 0;

  async function say(leaves: boolean): Promise<void> {
    const seenProgress = progress.highest() ?? '';
    const reply = await runScript('presence', {
      keys,
      args: { id, seenProgress, recoveryMs, neededReplicas, leaves: leaves ? '1' : '' },
    });
    if (leaves) return;
    progress.compared();
    const [knows = '0', state = '', since = '0', until = '0', why = '', replicas = '', forgot = ''] =
      reply as string[];
    if (progress.highest() === undefined || forgot === '1') progress.begin(Number(knows));
    progress.saw(knows);
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
  // A Cluster stays connected when another node takes over; whenever it has asked who serves what, that is looked at.
  redis.on('refresh', meet);
  if (redis.status === 'ready') meet();

  return {
    known: () => latest,
    /** Stops asking, and tells Redis that this process left properly, so that it is not missed later. */
    async leave(): Promise<void> {
      clearInterval(timer);
      redis.off('ready', meet).off('refresh', meet).off('close', progress.lost);
      if (redis.status !== 'ready') return;
      const late = new Promise<void>((resolve) => setTimeout(resolve, ANSWER_WITHIN_MS).unref());
      await Promise.race([say(true).catch(() => undefined), late]);
    },
  };
}

/** Both as `/readyz` shows them, of the API and of a worker. */
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

import { Cluster } from 'ioredis';
import type { RedisClient } from './connection.ts';
import { redisErrorKind } from './errors.ts';
import {
  type ScriptArguments,
  type ScriptInput,
  type ScriptName,
  scriptArguments,
  scriptText,
} from './scripts.ts';

/** A script's reply, how many replicas have its writes, and after how many ms that was known. */
export type Replicated = { reply: unknown; replicas: number; ms: number };

/** `needed`: how many replicas must have the writes; `withinMs`: how long Redis waits for them. */
export type ReplicationOptions = { needed: number; withinMs?: number };

export type ReplicatedWriter = ReturnType<typeof createReplicatedWriter>;

type Waiting = {
  text: string;
  args: ScriptArguments;
  resolve: (replicated: Replicated) => void;
  reject: (error: unknown) => void;
};

const WITHIN_MS = 500;

/**
 * Runs scripts, and waits for replicas with WAIT. It needs its own connection: WAIT covers only writes of its connection, and
 * blocks it. Scripts that arrive during a WAIT are sent together with the next one, like a group commit. EVAL, not EVALSHA: a new
 * primary would answer NOSCRIPT, and the retry would run after the WAIT.
 */
export function createReplicatedWriter(
  redis: RedisClient,
  { needed, withinMs = WITHIN_MS }: ReplicationOptions,
) {
  let waiting: Waiting[] = [];
  let isOut = false;
  const texts = new Map<ScriptName, string>();

  async function send(batch: Waiting[]): Promise<void> {
    const pipeline = redis.pipeline();
    for (const { text, args } of batch) pipeline.eval(text, ...args);
    pipeline.call('WAIT', needed, withinMs);
    const writtenAt = performance.now();
    const answers = (await pipeline.exec()) ?? [];
    const ms = performance.now() - writtenAt;
    const [waitError, replicas] = answers.at(-1) ?? [new Error('Redis gave no answer to WAIT')];
    for (const [index, { resolve, reject }] of batch.entries()) {
      const [error, reply] = answers[index] ?? [new Error('Redis gave no answer')];
      if (error ?? waitError) reject(error ?? waitError);
      else resolve({ reply, replicas: Number(replicas), ms });
      if (redisErrorKind(error) === 'cluster') findPrimaries();
    }
  }

  /** ioredis redirects a pipeline only if all its commands fail alike, and WAIT does not. */
  function findPrimaries(): void {
    if (redis instanceof Cluster) redis.refreshSlotsCache();
  }

  async function sendAll(): Promise<void> {
    if (isOut) return;
    isOut = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await send(batch).catch((error: unknown) => {
        for (const { reject } of batch) reject(error);
      });
    }
    isOut = false;
  }

  return {
    needed,
    /** Throws what Redis throws; then it is unknown whether the script ran. */
    run<Name extends ScriptName>(name: Name, input: ScriptInput<Name>): Promise<Replicated> {
      const text = texts.get(name) ?? scriptText(name);
      texts.set(name, text);
      return new Promise((resolve, reject) => {
        waiting.push({ text, args: scriptArguments(name, input), resolve, reject });
        void sendAll();
      });
    },
  };
}

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

/** A script's reply, by how many replicas have what it wrote, and how long after it was written that was known, in ms. */
export type Replicated = { reply: unknown; replicas: number; ms: number };

/** `needed`: how many replicas must have what is written; `withinMs`: how long Redis waits for them. */
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
 * Runs scripts and waits until enough replicas have what they wrote. The connection must be used for nothing else: WAIT covers
 * only what was written over its own connection, and holds up whatever comes after it. While one WAIT is out, scripts gather,
 * and all of them go with the next, as a database commits a group. EVAL, not EVALSHA: what a new primary does not know would
 * be written behind the WAIT.
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

  /** ioredis sends a pipeline elsewhere only where every command of it was refused alike, and WAIT is not. */
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
    /** Throws what Redis throws; then it is not known whether the script ran. */
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

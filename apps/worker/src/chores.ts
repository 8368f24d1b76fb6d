import { claimChore, type RedisClient } from '@handover/core/redis';
import type { Logger } from 'pino';

/** Periodic work that one worker does for all, by Redis' clock. */
export type Chore = { name: string; everyMs: number; work: () => Promise<unknown> };

/** A claim ends this much before the next one is due, in ms; otherwise every second one would be missed. */
export const EARLY_MS = 100;

/** The chores of this process: `start` starts those that are due without waiting for them. */
export function createChores(redis: RedisClient, prefix: string, chores: Chore[], log: Logger) {
  const underWay = new Map<string, Promise<void>>();
  const askAt = new Map<string, number>();

  async function carryOut({ name, work }: Chore): Promise<void> {
    try {
      await work();
    } catch (error) {
      log.error({ step: name, err: error }, 'sweep.failed');
    }
    underWay.delete(name);
  }

  async function start(): Promise<void> {
    const now = performance.now();
    for (const chore of chores) {
      const { name, everyMs } = chore;
      if (underWay.has(name) || now < (askAt.get(name) ?? 0)) continue;
      askAt.set(name, now + everyMs / 10);
      if (await claimChore(redis, prefix, name, everyMs - EARLY_MS)) underWay.set(name, carryOut(chore));
    }
  }

  return { start, ended: () => Promise.all(underWay.values()) };
}

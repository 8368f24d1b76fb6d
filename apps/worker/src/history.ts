import type { Config } from '@handover/core/config';
import { openHistoryAt, writeHistory } from '@handover/core/history';
import { createAuditStore, createPending, type RedisClient } from '@handover/core/redis';
import type { Logger } from 'pino';
import type { Chore } from './chores.ts';
import type { LaneParts } from './transfers.ts';

const WRITE_EVERY_MS = 1_000;

export type HistoryOptions = {
  config: Pick<Config, 'history' | 'retentionMs'>;
  redis: RedisClient;
  live: LaneParts;
  log: Logger;
};

/** Writes settled transfers and bills to PostgreSQL, where one is configured. `close` after the chores have ended. */
export async function startHistory({ config, redis, live, log }: HistoryOptions) {
  const { retentionMs } = config;
  let isFailing = false;
  const failed = (reason: string) => {
    // One line per outage: the chore tries every second.
    if (!isFailing) log.error({ reason }, 'history.failed');
    isFailing = true;
  };
  const history = await openHistoryAt(config.history.url, {
    name: 'handover-history',
    onError: (error) => log.warn({ reason: error.message }, 'history.failed'),
  });
  if (history === undefined) return { chores: [], close: async () => undefined };
  const audit = createAuditStore(redis, live.lane);
  const pending = createPending(redis, live.lane, { retentionMs, get: live.store.get });

  async function work(): Promise<void> {
    if (history === undefined) return;
    try {
      const onRefused = (refused: { id: string; why: string }) =>
        log.error({ of: refused.id, reason: refused.why }, 'history.refused');
      const written = await writeHistory({ pending, history, audit, onRefused });
      if (isFailing && written > 0) {
        isFailing = false;
        log.info({ written }, 'history.back');
      }
    } catch (error) {
      failed((error as Error).message);
    }
  }

  const chores: Chore[] = [{ name: 'write-history', everyMs: WRITE_EVERY_MS, work }];
  return { chores, close: history.close };
}

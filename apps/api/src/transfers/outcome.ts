import type { Changes, TransferStore, Watch } from '@handover/core/redis';
import type { StoredTransfer } from '@handover/core/transfer';
import type { FastifyReply } from 'fastify';

/** The record is read again at least this often, in ms, in case a notification is lost. */
export const SAFETY_READ_MS = 2_000;

/** Opens a watch on a transfer of the lane; it ends when the client's connection closes. */
export function watchTransfer(
  changes: Changes,
  { keys }: Pick<TransferStore, 'keys'>,
  id: string,
  { raw }: FastifyReply,
): Watch {
  const watch = changes.watch(keys.changed, id);
  if (raw.destroyed) watch.end();
  else raw.once('close', watch.end);
  return watch;
}

/**
 * Waits up to `waitMs` for the outcome, or until the watch ends. The caller opens the watch before the first read, so that no
 * change is missed. Returns the transfer as last read, undefined if it could not be read. Ends the watch.
 */
export async function waitForOutcome(
  store: Pick<TransferStore, 'get'>,
  watch: Watch,
  id: string,
  waitMs: number,
): Promise<StoredTransfer | undefined> {
  const until = performance.now() + waitMs;
  let latest: StoredTransfer | undefined;
  try {
    for (;;) {
      // The transfer was accepted, so a failed read must not fail the request.
      latest = await store.get(id).catch(() => latest);
      const leftMs = until - performance.now();
      if (latest?.record.outcome != null || leftMs <= 0) return latest;
      if ((await watch.next(Math.min(leftMs, SAFETY_READ_MS))) === 'ended') return latest;
    }
  } finally {
    watch.end();
  }
}

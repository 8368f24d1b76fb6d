import type { TransferStore, Watch } from '@handover/core/redis';
import type { StoredTransfer } from '@handover/core/transfer';
import { SAFETY_READ_MS } from './outcome.ts';
import { entryView } from './view.ts';

export const HEARTBEAT_MS = 15_000;
/** The id of the last event: a client that reconnects with it has seen everything. */
export const OUTCOME_EVENT_ID = 'outcome';

type Stream = {
  first: StoredTransfer;
  store: Pick<TransferStore, 'get'>;
  watch: Watch;
  /** How many timeline entries the client has seen, including those folded since. */
  seen: number;
  heartbeatMs?: number;
};

/**
 * The timeline as server-sent events: each entry once, the outcome at the end, and a comment as heartbeat. It reads only when
 * pulled, so a slow client delays only its own stream. Ends with the watch.
 */
export async function* timelineEvents({ first, store, watch, seen, heartbeatMs = HEARTBEAT_MS }: Stream) {
  const { id } = first.record;
  let quietSince = performance.now();
  let latest: StoredTransfer | undefined = first;
  try {
    yield 'retry: 2000\n\n';
    for (;;) {
      if (latest === undefined) return;
      const { record, timeline }: StoredTransfer = latest;
      // Folded entries keep their numbers, so the ids continue after them.
      const { folded } = record;
      const from = Math.max(0, seen - folded);
      const news = timeline
        .slice(from)
        .map((entry, index) => event('timeline', folded + from + index, entryView(entry)));
      seen = Math.max(seen, folded + timeline.length);
      if (record.outcome !== null) {
        yield news.join('') + event('outcome', OUTCOME_EVENT_ID, record.outcome);
        return;
      }
      const isQuietTooLong = performance.now() - quietSince >= heartbeatMs;
      if (news.length > 0 || isQuietTooLong) {
        yield news.join('') || ': nothing new\n\n';
        quietSince = performance.now();
      }
      if ((await watch.next(Math.min(SAFETY_READ_MS, heartbeatMs))) === 'ended') return;
      // After a failed read, the next one catches up.
      latest = await store.get(id).catch(() => latest);
    }
  } finally {
    watch.end();
  }
}

/** How many entries a client with this `Last-Event-ID` has seen; 0 for an unknown id. */
export function seenBy(lastEventId: string | undefined): number {
  return lastEventId !== undefined && /^\d{1,9}$/.test(lastEventId) ? Number(lastEventId) + 1 : 0;
}

function event(name: 'timeline' | 'outcome', id: number | string, data: object): string {
  return `event: ${name}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
}

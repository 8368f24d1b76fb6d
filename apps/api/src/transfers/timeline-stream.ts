import type { TransferStore, Watch } from '@handover/core/redis';
import type { StoredTransfer } from '@handover/core/transfer';
import { SAFETY_READ_MS } from './outcome.ts';
import { entryView } from './view.ts';

export const HEARTBEAT_MS = 15_000;
/** The id of the last event: a client that comes back with it has seen everything. */
export const OUTCOME_EVENT_ID = 'outcome';

type Stream = {
  first: StoredTransfer;
  store: Pick<TransferStore, 'get'>;
  watch: Watch;
  /** How many entries of the timeline the client has seen, those that were folded since among them. */
  seen: number;
  heartbeatMs?: number;
};

/**
 * The timeline as server-sent events: each entry once, the outcome at the end; a comment where nothing happened for a
 * while. It reads on only when asked for more, so a slow client holds back its own stream. Ends with the watch.
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
      // Entries that are only counted any more were sent, or would have been: the numbers go on behind them.
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
      // A read that fails is made up for by the next one.
      latest = await store.get(id).catch(() => latest);
    }
  } finally {
    watch.end();
  }
}

/** How many entries a client has seen that comes back with this `Last-Event-ID`; 0 for one that means nothing. */
export function seenBy(lastEventId: string | undefined): number {
  return lastEventId !== undefined && /^\d{1,9}$/.test(lastEventId) ? Number(lastEventId) + 1 : 0;
}

function event(name: 'timeline' | 'outcome', id: number | string, data: object): string {
  return `event: ${name}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
}

import { setTimeout as delay } from 'node:timers/promises';
import type { Change, ChangeFeed, Watch } from '@handover/core/redis';
import { HEARTBEAT_MS } from './timeline-stream.ts';

/** Changes of a client's next event are gathered for so long, in ms: a busy transfer is sent once. */
const GATHER_MS = 100;
/** The changes are read at least this often, in ms: an acceptance is not announced by a notification. */
const LOOK_EVERY_MS = 1_000;
const MOST_AT_ONCE = 200;
/** How long clients that come to the same place get the same batch, in ms. */
const SHARED_MS = 500;

type Batch = { events: { text: string }[]; last: string } | 'lost';
type ReadBatch = (place: string) => Promise<Batch | undefined>;

/**
 * Reads what changed after a place, as events with the transfers as they are; `undefined` if nothing did. Clients at the same
 * place share one reading.
 * @param show the data of an event for each of these transfers that still exists
 */
export function createBatches(
  feed: ChangeFeed,
  show: (ids: string[]) => Promise<Map<string, object>>,
): ReadBatch {
  const batches = new Map<string, { readAt: number; batch: Promise<Batch | undefined> }>();

  async function read(place: string): Promise<Batch | undefined> {
    const changes = await feed.after(place, MOST_AT_ONCE);
    if (changes === 'lost') return 'lost';
    const last = changes.at(-1)?.at;
    if (last === undefined) return undefined;
    const latest = latestOfEach(changes);
    const shown = await show(latest.map(({ id }) => id));
    const events = latest.flatMap(({ at, id }) => {
      const data = shown.get(id);
      return data === undefined ? [] : [{ text: event('transfer', at, data) }];
    });
    return { events, last };
  }

  return async (place) => {
    const now = performance.now();
    for (const [known, { readAt }] of batches) if (now - readAt >= SHARED_MS) batches.delete(known);
    const shared = batches.get(place)?.batch;
    if (shared !== undefined) return shared;
    const batch = read(place);
    batches.set(place, { readAt: now, batch });
    const found = await batch.catch((error: unknown) => {
      batches.delete(place);
      throw error;
    });
    // There may be something by now.
    if (found === undefined) batches.delete(place);
    return found;
  };
}

/** The last change of each transfer, in order. */
function latestOfEach(changes: Change[]): Change[] {
  const last = new Map(changes.map((change) => [change.id, change]));
  return changes.filter((change) => last.get(change.id) === change);
}

type Stream = {
  feed: Pick<ChangeFeed, 'latest'>;
  read: ReadBatch;
  watch: Watch;
  /** The client's last event, or the latest change where it has none. */
  from: string;
  /** The client has no last event. */
  isNew: boolean;
  heartbeatMs?: number;
};

/**
 * The changes of all transfers as server-sent events: `ready` or `reset` first where the client has to load its list, then
 * `transfer` for each that changed, and a comment as heartbeat. It reads only when pulled, so a slow client delays only its own
 * stream. Ends with the watch.
 */
export async function* changeEvents({ feed, read, watch, from, isNew, heartbeatMs = HEARTBEAT_MS }: Stream) {
  let quietSince = performance.now();
  try {
    yield `retry: 2000\n\n${isNew ? event('ready', from, {}) : ''}`;
    let place = from;
    for (;;) {
      // A failed reading is repeated.
      const batch = await readOn(read, feed, place).catch(() => undefined);
      if (batch !== undefined) place = batch.last;
      const text = batch?.events.map((one) => one.text).join('') ?? '';
      const isQuietTooLong = performance.now() - quietSince >= heartbeatMs;
      if (text !== '' || isQuietTooLong) {
        yield text || ': nothing new\n\n';
        quietSince = performance.now();
      }
      if (batch !== undefined) await delay(GATHER_MS);
      const waitMs = batch === undefined ? Math.min(LOOK_EVERY_MS, heartbeatMs) : 0;
      if ((await watch.next(waitMs)) === 'ended') return;
    }
  } finally {
    watch.end();
  }
}

/** The next batch; a `reset` where the stream no longer has this place. */
async function readOn(read: ReadBatch, feed: Stream['feed'], place: string) {
  const batch = await read(place);
  if (batch !== 'lost') return batch;
  const last = await feed.latest();
  return { events: [{ text: event('reset', last, {}) }], last };
}

function event(name: 'ready' | 'reset' | 'transfer', id: string, data: object): string {
  return `event: ${name}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
}

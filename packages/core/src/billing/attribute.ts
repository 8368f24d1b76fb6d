import type { Sending } from './sendings.ts';
import type { EventTarget, SeenEvent } from './words.ts';

/** How far the platform's clock may be behind ours, in ms, before an event counts as older than the sending that it shows. */
const CLOCK_BEHIND_MS = 15 * 60_000;

/** Which sending of ours an event shows. `certain`: by its time too, not only because the clocks may differ. */
export type Attribution = { sending: Sending; certain: boolean };

/** An event with its time by our clock, as far as that can be told. */
type Timed = SeenEvent & { time: number };

/**
 * Which event shows which transfer of ours (docs/billing.md). Pure; the order in which events came plays no part.
 * An event belongs to the latest sending before it, if that wanted what the event shows and nothing else happened to the
 * call in between. Events that are not in the result show somebody else's transfer.
 * @param events   of one call, ordered by `inOrder`
 * @param sendings of the same call
 */
export function attribute(events: SeenEvent[], sendings: Sending[]): Map<string, Attribution> {
  const found = new Map<string, Attribution>();
  const timed = byOurClock(events);
  // A clock cannot be further behind than the fastest event seems to have taken.
  const behindMs = Math.min(CLOCK_BEHIND_MS, ...timed.map(({ time, receivedAt }) => receivedAt - time));
  for (const event of timed) {
    const sending = latestBefore(event, timed, sendings);
    if (sending !== undefined) found.set(event.key, { sending, certain: true });
  }
  const told = new Set([...found.values()].map(({ sending }) => sending));
  const untold = sendings.filter((sending) => !told.has(sending)).sort((a, b) => a.at - b.at);
  for (const event of timed) {
    if (found.has(event.key)) continue;
    const sending = untold.find((one) => mayBeBehind(event, one, timed, behindMs));
    if (sending !== undefined) found.set(event.key, { sending, certain: false });
  }
  for (const [index, event] of [...timed.entries()].reverse()) {
    const next = timed[index + 1];
    const sending = next && found.get(next.key)?.sending;
    if (sending === undefined || found.has(event.key) || shows(event, sending.before)) continue;
    if (mayBeBehind(event, sending, timed, behindMs)) found.set(event.key, { sending, certain: false });
  }
  return found;
}

/** An event with a time in the future means that the platform's clock is ahead, by that much at least. */
function byOurClock(events: SeenEvent[]): Timed[] {
  const aheadMs = Math.max(0, ...events.map(({ at, receivedAt }) => at - receivedAt));
  return events.map((event) => ({ ...event, time: event.at - aheadMs }));
}

function latestBefore(event: Timed, events: Timed[], sendings: Sending[]): Sending | undefined {
  const before = sendings.filter(({ at }) => at <= event.time).sort((a, b) => b.at - a.at);
  for (const sending of before) {
    if (isWanted(event, sending)) return movedBetween(event, sending, events) ? undefined : sending;
    // The call went elsewhere by our own doing: what the event shows came after that, and not from us.
    if (sending.happened) return undefined;
  }
  return undefined;
}

/** What the event shows is what was sent, and the event came after it. */
function isWanted(event: SeenEvent, { at, transferType, target }: Sending): boolean {
  return event.receivedAt >= at && samePlacement(event, { transferType, target });
}

/**
 * Between the sending and this event another one shows another transfer. An event that shows the placement from before we sent
 * is clock skew, not a move, unless our own transfer was seen before it.
 */
function movedBetween(event: Timed, { at, before }: Sending, events: Timed[]): boolean {
  const since = events.filter(({ time }) => time >= at && time < event.time);
  return since.some(
    (other) =>
      other.time > at &&
      !samePlacement(other, event) &&
      (!shows(other, before) || since.some((one) => one.time < other.time && samePlacement(one, event))),
  );
}

/** An event that came after the sending and carries an earlier time: the platform's clock may be behind. */
function mayBeBehind(event: Timed, sending: Sending, events: Timed[], behindMs: number): boolean {
  if (sending.at <= event.time || sending.at > event.time + behindMs) return false;
  if (!isWanted(event, sending)) return false;
  // What had come before we sent is truly older, and what is older still too.
  return !events.some((other) => other.time >= event.time && other.receivedAt < sending.at);
}

type Placed = Pick<SeenEvent, 'transferType'> & { target: EventTarget };

function shows(event: SeenEvent, { transferType, target }: Sending['before']): boolean {
  return (
    target !== undefined && samePlacement(event, { transferType: transferType ?? event.transferType, target })
  );
}

/** Two show the same last transfer; a target's type counts only where both tell it. */
export function samePlacement(a: Placed, b: Placed): boolean {
  if (a.transferType !== b.transferType || a.target.id !== b.target.id) return false;
  return a.target.type === undefined || b.target.type === undefined || a.target.type === b.target.type;
}

/** The events of a call by their time; of those at the same time the ones that change nothing come first. */
export function inOrder(events: readonly SeenEvent[]): SeenEvent[] {
  const left = [...events].sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));
  const ordered: SeenEvent[] = [];
  while (left.length > 0) {
    const before = ordered.at(-1);
    const same = left.findIndex(
      (event) => event.at === left[0]?.at && before !== undefined && samePlacement(event, before),
    );
    ordered.push(...left.splice(Math.max(same, 0), 1));
  }
  return ordered;
}

import type { Sending } from './sendings.ts';
import type { EventTarget, SeenEvent } from './words.ts';

/** How far the platform's clock may be behind ours, in ms; an event timed earlier than that is older than the sending. */
const CLOCK_BEHIND_MS = 15 * 60_000;

/** The sending of ours that an event shows. `certain`: its time fits too, without assuming clock skew. */
export type Attribution = { sending: Sending; certain: boolean };

/** An event with its time converted to our clock, as far as the skew is known. */
type Timed = SeenEvent & { time: number };

/**
 * Which event shows which sending of ours (docs/billing.md). Pure. `events`: of one call, ordered by `inOrder`. An event belongs
 * to the latest sending before it with the same placement, unless the call was moved in between. The other events, absent from
 * the result, show transfers that are not ours.
 */
export function attribute(events: SeenEvent[], sendings: Sending[]): Map<string, Attribution> {
  const found = new Map<string, Attribution>();
  const timed = byOurClock(events);
  // The clock can be behind by no more than the shortest apparent delay of an event.
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

/** An event timed in the future proves that the platform's clock is ahead by at least that much. */
function byOurClock(events: SeenEvent[]): Timed[] {
  const aheadMs = Math.max(0, ...events.map(({ at, receivedAt }) => at - receivedAt));
  return events.map((event) => ({ ...event, time: event.at - aheadMs }));
}

function latestBefore(event: Timed, events: Timed[], sendings: Sending[]): Sending | undefined {
  const before = sendings.filter(({ at }) => at <= event.time).sort((a, b) => b.at - a.at);
  for (const sending of before) {
    if (isWanted(event, sending)) return movedBetween(event, sending, events) ? undefined : sending;
    // Our own transfer moved the call elsewhere, so a later transfer, not ours, produced this event.
    if (sending.happened) return undefined;
  }
  return undefined;
}

/** The event shows what was sent, and was received afterwards. */
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

/** Whether clock skew explains an event that was received after the sending but is timed before it. */
function mayBeBehind(event: Timed, sending: Sending, events: Timed[], behindMs: number): boolean {
  if (sending.at <= event.time || sending.at > event.time + behindMs) return false;
  if (!isWanted(event, sending)) return false;
  // An event received before the sending is truly older, and so is every event timed before that one.
  return !events.some((other) => other.time >= event.time && other.receivedAt < sending.at);
}

type Placed = Pick<SeenEvent, 'transferType'> & { target: EventTarget };

function shows(event: SeenEvent, { transferType, target }: Sending['before']): boolean {
  return (
    target !== undefined && samePlacement(event, { transferType: transferType ?? event.transferType, target })
  );
}

/** Whether both show the same last transfer; the target's type counts only if both have it. */
export function samePlacement(a: Placed, b: Placed): boolean {
  if (a.transferType !== b.transferType || a.target.id !== b.target.id) return false;
  return a.target.type === undefined || b.target.type === undefined || a.target.type === b.target.type;
}

/** The events of a call by their time; of simultaneous ones, first those that repeat the placement before. */
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

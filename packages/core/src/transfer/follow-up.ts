import { describeFailure } from './classify.ts';
import type { FollowUp, FollowUpEnd } from './follow-up-words.ts';
import type { Dialect, FollowUpAnswer } from './ports.ts';
import type { FollowUpStore, Room } from './stores.ts';
import type { RequestNote } from './words.ts';

/** The gaps between tries, in ms: doubling from the first to the longest, with up to a fifth of jitter. */
export type FollowUpGaps = { firstMs: number; longestMs: number };

export const FOLLOW_UP_GAPS: FollowUpGaps = { firstMs: 5_000, longestMs: 300_000 };

export type FollowUpPorts = {
  store: FollowUpStore;
  platform: Pick<Dialect, 'followUp'>;
  room: Room;
  gaps: FollowUpGaps;
  /** In [0, 1). */
  random: () => number;
  signal: AbortSignal;
};

/** What the queue should do next with the follow-up's job. `inMs` by Redis' clock. */
export type FollowUpNext =
  | { do: 'done'; end: FollowUpEnd; why: string }
  | { do: 'sleep'; inMs: number; why: string }
  | { do: 'nothing'; why: string };

export type FollowUpReport = {
  next: FollowUpNext;
  followUp?: FollowUp | undefined;
  /** The call of its transfer. */
  call?: string | undefined;
  requests: RequestNote[];
};

/**
 * Tries a follow-up once (docs/rules.md). Does nothing if it has ended. The lock of its job prevents two tries at the same time.
 * Throws what the ports throw.
 */
export async function followUp(ports: FollowUpPorts, id: string): Promise<FollowUpReport> {
  const { store, platform, room, signal } = ports;
  const found = await store.find(id);
  if (found === undefined) {
    await store.forget(id);
    return { next: { do: 'nothing', why: 'unknown' }, requests: [] };
  }
  const { followUp: one, request, now } = found;
  const reply = (next: FollowUpNext, requests: RequestNote[] = []) => ({
    ...{ next, followUp: one, requests },
    call: request.callId,
  });
  if (one.state !== 'waiting') return reply({ do: 'nothing', why: one.state });
  if (now < one.dueAt) return reply({ do: 'sleep', inMs: one.dueAt - now, why: 'not due yet' });
  if (now >= one.giveUpAt) return reply(await end(store, one, 'gave-up', one.why ?? 'giveUpAt has passed'));
  const held = await room();
  if (held !== undefined) return reply(await waitUntil(store, one, held.until, now, held.rule));
  const startedAt = performance.now();
  const answer = await platform.followUp(one, request, signal);
  const answeredAt = now + Math.round(performance.now() - startedAt);
  if (answer.is !== 'later') return reply(await end(store, one, answer.is, answer.why), answer.requests);
  return reply(await followLater(ports, one, answer, answeredAt), answer.requests);
}

async function followLater(
  { store, gaps, random }: FollowUpPorts,
  one: FollowUp,
  { why, failure }: Extract<FollowUpAnswer, { is: 'later' }>,
  now: number,
): Promise<FollowUpNext> {
  if (failure?.kind === 'stopped') return { do: 'sleep', inMs: 0, why: describeFailure(failure) };
  // A request that was held back does not count as a try.
  if (failure?.kind === 'held') return waitUntil(store, one, failure.until, now, failure.rule);
  const tries = one.tries + 1;
  const gapMs = Math.min(gaps.firstMs * 2 ** (tries - 1), gaps.longestMs) * (1 + random() / 5);
  const toldMs = failure !== undefined && 'retryAfterMs' in failure ? (failure.retryAfterMs ?? 0) : 0;
  const nextAt = now + Math.round(Math.max(gapMs, toldMs));
  const told = failure === undefined ? why : `${why}: ${describeFailure(failure)}`;
  return waitUntil(store, { ...one, tries }, nextAt, now, told, one.tries);
}

/** Waits until then, or gives up at once if that is too late. */
async function waitUntil(
  store: FollowUpStore,
  one: FollowUp,
  until: number,
  now: number,
  why: string,
  triesBefore = one.tries,
): Promise<FollowUpNext> {
  if (until >= one.giveUpAt) return end(store, one, 'gave-up', why, triesBefore);
  const noted = await store.note({ ...one, dueAt: until, why }, triesBefore);
  if (noted === 'stale') return { do: 'nothing', why: 'it has ended, or another worker tried it' };
  return { do: 'sleep', inMs: Math.max(0, until - now), why };
}

async function end(
  store: FollowUpStore,
  one: FollowUp,
  state: FollowUpEnd,
  why: string,
  triesBefore = one.tries,
): Promise<FollowUpNext> {
  const noted = await store.note({ ...one, state, why }, triesBefore);
  if (noted === 'stale') return { do: 'nothing', why: 'it has ended, or another worker tried it' };
  return { do: 'done', end: state, why };
}

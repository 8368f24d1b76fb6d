import type { CallbackTry } from '../transfer/callback-words.ts';
import type { Callback, TransferRecord } from '../transfer/words.ts';
import { messageOf } from './message.ts';
import type { CallbackStore, FoundCallback, Receiver, ReceiverAnswer } from './ports.ts';

/** How long a callback is tried, in ms. */
export const TRIED_FOR_MS = 24 * 3_600_000;

/** The gaps between the tries of a callback, in ms: each the `factor` of the last, with up to a fifth of jitter. */
export type CallbackGaps = { firstMs: number; factor: number; longestMs: number; longestToldMs: number };

export const CALLBACK_GAPS: CallbackGaps = {
  firstMs: 5_000,
  factor: 4,
  longestMs: 4 * 3_600_000,
  longestToldMs: 3_600_000,
};

/** After a failure as long as this, what waits for its next try does not wait any longer once the receiver is back, in ms. */
const LONG_FAILURE_MS = 60_000;
/** Concurrent messages to one receiver, over all workers. */
const AT_ONCE = 10;
const BATCH = 200;
const EXPIRED_BATCH = 1_000;
const TRIES_KEPT = 10;

/** One try of a callback, for log and metrics. */
export type CallbackReport = {
  callback: Callback;
  record: TransferRecord;
  answer: ReceiverAnswer;
  /** Ms until the next try; absent once it has ended. */
  inMs?: number | undefined;
};

export type DeliverPorts = {
  store: CallbackStore;
  receiver: Receiver;
  holdOff: {
    heldUntil(): Promise<number | undefined>;
    raise(retryAfterMs: number | undefined, why?: string): Promise<number>;
    lift(): Promise<void>;
  };
  now: () => Promise<number>;
  gaps: CallbackGaps;
  /** In [0, 1). */
  random: () => number;
  onTried: (report: CallbackReport) => void;
  /** Given up without another try: its time was over while the receiver failed. */
  onExpired: (callback: Callback) => void;
  /** The receiver has begun to fail, or is back after `forMs`. */
  onTurn: (turn: { is: 'failing'; why: string } | { is: 'back'; forMs: number }) => void;
  /** Whether to begin no further try. */
  stopping: () => boolean;
  /** Aborts the requests in progress. */
  signal: AbortSignal;
};

/** What became of a round. */
export type Round = { delivered: number; failed: number; ended: 'none-due' | 'holding-off' | 'stopped' };

/**
 * Delivers what is due for a receiver until nothing is, or it fails (docs/callbacks.md). A receiver that fails is held off; after
 * that a single message is tried, and the others follow once that has succeeded. At most one round per receiver should run at a
 * time; two would only send messages twice. Throws what the store throws.
 */
export async function deliverDue(ports: DeliverPorts): Promise<Round> {
  const { store, receiver, holdOff, now, stopping } = ports;
  const round: Round = { delivered: 0, failed: 0, ended: 'none-due' };
  for (;;) {
    if (stopping()) return { ...round, ended: 'stopped' };
    if ((await holdOff.heldUntil()) !== undefined) return { ...round, ended: 'holding-off' };
    const failingSince = await store.failingSince(receiver.key);
    const isProbe = failingSince !== undefined;
    const ids = await store.due(receiver.key, await now(), isProbe ? 1 : BATCH);
    if (ids.length === 0) return round;
    let fails = false;
    await inLanes(ids, isProbe ? 1 : AT_ONCE, async (id) => {
      if (fails || stopping()) return;
      const answer = await tryOnce(ports, id);
      if (answer === undefined) return;
      if (answer.is === 'failed') round.failed += 1;
      if (answer.is === 'delivered') round.delivered += 1;
      if (answer.is === 'failed' && answer.ofAll) {
        if (!fails && !isProbe) ports.onTurn({ is: 'failing', why: answer.why });
        fails = true;
        await store.fails(receiver.key, await now());
        await holdOff.raise(answer.retryAfterMs, answer.why);
      } else if (isProbe) await recover(ports, failingSince);
    });
    if (fails && isProbe) await giveUpExpired(ports);
  }
}

/** The receiver has answered: what waited only for it goes at once. */
async function recover(
  { store, receiver, holdOff, now, onTurn }: DeliverPorts,
  since: number,
): Promise<void> {
  const at = await now();
  await store.recovered(receiver.key);
  await holdOff.lift();
  if (at - since >= LONG_FAILURE_MS) await store.bringForward(receiver.key, at);
  onTurn({ is: 'back', forMs: at - since });
}

async function tryOnce(ports: DeliverPorts, id: string): Promise<ReceiverAnswer | undefined> {
  const { store, receiver, now, onTried, signal } = ports;
  const found = await store.find(id);
  if (found === undefined || found.callback.state !== 'waiting') {
    await store.forget(receiver.key, id);
    return undefined;
  }
  const { callback, before, record } = found;
  const at = await now();
  const answer = await receiver.send(id, messageOf(record, callback), signal);
  // Not the receiver's fault; it is still due.
  if (signal.aborted && answer.is === 'failed') return undefined;
  const answeredAt = await now();
  const next = afterTry(callback, { answer, at, answeredAt }, ports);
  const noted = await store.note(receiver.key, before, next);
  if (noted === 'noted') {
    const inMs = next.state === 'waiting' ? next.nextAt - answeredAt : undefined;
    onTried({ callback: next, record, answer, inMs });
  }
  return answer;
}

/** The callback after a try. Pure. Its last try is when its time is over, and not before. */
export function afterTry<C extends Omit<Callback, 'shows'>>(
  callback: C,
  { answer, at, answeredAt }: { answer: ReceiverAnswer; at: number; answeredAt: number },
  { gaps, random }: Pick<DeliverPorts, 'gaps' | 'random'>,
): C {
  const { ms, status } = answer;
  const why = answer.is === 'delivered' ? undefined : answer.why;
  const one: CallbackTry = { at, ms, status, error: why };
  const tried = callback.tried + 1;
  const noted = { ...callback, tried, tries: [...callback.tries, one].slice(-TRIES_KEPT), why };
  if (answer.is === 'delivered') return { ...noted, state: 'delivered' };
  if (answer.is === 'gone') return { ...noted, state: 'gave-up' };
  if (answeredAt >= callback.giveUpAt) return { ...noted, state: 'gave-up' };
  const gapMs = Math.min(gaps.firstMs * gaps.factor ** Math.min(tried - 1, 30), gaps.longestMs);
  const toldMs = Math.min(answer.retryAfterMs ?? 0, gaps.longestToldMs);
  const nextAt = answeredAt + Math.round(Math.max(gapMs * (1 + random() / 5), toldMs));
  return { ...noted, nextAt: Math.min(nextAt, callback.giveUpAt) };
}

/** While the receiver fails, only one message is tried at a time: the others whose time is over are given up here. */
async function giveUpExpired({ store, receiver, now, onExpired }: DeliverPorts): Promise<void> {
  const at = await now();
  const ids = await store.due(receiver.key, at, EXPIRED_BATCH);
  const found = await Promise.all(ids.map((id) => store.find(id)));
  const expired = found.filter(
    (one): one is FoundCallback => one !== undefined && at >= one.callback.giveUpAt,
  );
  for (const { callback, before } of expired) {
    if (callback.state !== 'waiting') continue;
    const why = callback.why ?? 'its receiver failed all the time';
    const ended: Callback = { ...callback, state: 'gave-up', why };
    if ((await store.note(receiver.key, before, ended)) === 'noted') onExpired(ended);
  }
}

/** Calls `work` for each, at most `width` at a time, in order. */
async function inLanes<T>(items: T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  const lane = async () => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: width }, lane));
}

import type { TransferEvent } from '@handover/core/billing';
import type {
  Intent,
  Outcome,
  Placement,
  Target,
  TransferRecord,
  TransferType,
} from '@handover/core/transfer';
import fc from 'fast-check';

/** An event as sent by the platform, and its arrival time. */
export type SentEvent = TransferEvent & { receivedAt: number };

/** Our requests that may have had an effect. Times are epoch milliseconds of one clock. */
type Sent = {
  transferId: string;
  transferType: TransferType;
  target: Target;
  /** Where the call was before. */
  before: Placement;
  /** When our intent was written. */
  sentAt: number;
  /** When our record gets the result, if ever. */
  endsAt: number;
  ending: Ending;
};

/** The actual moves of the call, by us or by someone else; of the latter we only know events. */
export type Move = Omit<Sent, 'transferId'> & {
  transferId: string | undefined;
  at: number;
  /** The event of the move, then those of later updates of the call, which still show it. */
  events: SentEvent[];
};

/** The state of our record: with the platform's answer, in doubt forever, or given up. */
export type Ending = 'answered' | 'in doubt' | 'given up';

export type CallStory = {
  moves: Move[];
  /** Requests that never happened. */
  vain: Sent[];
};

export type StoryOptions = {
  /** Exactly one move is ours, and no one else moves the call to the same target. */
  oneOfOurs?: boolean;
  /** The minimum time between a call's last event and the next move, in ms. */
  apartMs?: number;
  /** We may send a call to where it already is. */
  maySendInPlace?: boolean;
};

export const CALL = 'call-1';
const START = Date.parse('2026-11-22T10:00:00Z');

const AT_OURS: Target = { type: 'queue', id: 'ours' };
const IN_VAIN: Target = { type: 'queue', id: 'in-vain' };

const target = fc.constantFrom<Target>({ type: 'queue', id: 'a' }, { type: 'user', id: 'b' });
const transferType = fc.oneof(
  { weight: 9, arbitrary: fc.constant('blind' as const) },
  fc.constant('consult' as const),
);
const notKnown = fc.constantFrom('in doubt' as const, 'given up' as const);
const gap = fc.oneof(
  fc.integer({ min: 2, max: 50 }),
  fc.integer({ min: 2, max: 5_000 }),
  fc.integer({ min: 10_000, max: 400_000 }),
);
/** On time, late, or only after many minutes. */
const delay = fc.oneof(
  fc.integer({ min: 0, max: 100 }),
  fc.integer({ min: 0, max: 5_000 }),
  fc.integer({ min: 0, max: 1_200_000 }),
);
const event = fc.record({ delay, hasId: fc.boolean(), hasType: fc.boolean() });

const step = fc.record({
  isOurs: fc.boolean(),
  target,
  transferType,
  gap,
  latency: fc.integer({ min: 0, max: 800 }),
  answeredAfter: fc.integer({ min: 1, max: 3_000 }),
  ending: fc.oneof({ weight: 3, arbitrary: fc.constant('answered' as const) }, notKnown),
  event,
  updates: fc.array(fc.record({ part: fc.double({ min: 0, max: 1, noNaN: true }), event }), { maxLength: 2 }),
  /** Our preceding request to another target, which did not happen. */
  vain: fc.option(notKnown, { freq: 2 }),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/**
 * A call that is moved a few times, and the events that report it. With ETags nothing comes between a request and its
 * effect. Ambiguous cases are excluded: someone else's move to where the call already is looks like
 * any update of it, and one to the target of our failed request would look like our own.
 */
export function callStory(options: StoryOptions = {}): fc.Arbitrary<CallStory> {
  return fc
    .array(step, { minLength: 1, maxLength: 5 })
    .map((steps) => tell(options.oneOfOurs === true ? withOneOfOurs(steps) : steps, options));
}

function withOneOfOurs(steps: Step[]): Step[] {
  const ours = Math.max(
    0,
    steps.findIndex(({ isOurs }) => isOurs),
  );
  return steps.map((one, index) =>
    index === ours ? { ...one, isOurs: true, target: AT_OURS } : { ...one, isOurs: false },
  );
}

function tell(steps: Step[], { apartMs = 0, maySendInPlace = true }: StoryOptions): CallStory {
  const moves: Move[] = [];
  const vain: Sent[] = [];
  for (const [index, one] of steps.entries()) {
    const { isOurs, ending } = one;
    const to: Placed = { transferType: one.transferType, target: one.target };
    const before = moves.at(-1);
    const stands: Placement =
      before === undefined ? {} : { transferType: before.transferType, target: before.target };
    if (same(stands, to) && !(isOurs && maySendInPlace)) continue;
    const sentAt = Math.max(START, ...(before?.events ?? []).map(({ at }) => at)) + one.gap + apartMs;
    if (one.vain !== null)
      vain.push({
        ...{ transferId: `vain${index}`, transferType: 'blind', target: IN_VAIN, before: stands },
        ...{ sentAt: sentAt - 1, endsAt: sentAt, ending: one.vain },
      });
    const at = isOurs ? sentAt + one.latency : sentAt;
    const times = [at, ...one.updates.map(({ part }, nth) => at + 1 + nth + Math.round(part * one.gap))];
    const events = [one.event, ...one.updates.map((update) => update.event)].map((sent, nth): SentEvent => {
      const time = times[nth] ?? at;
      return {
        ...(sent.hasId && { id: `e${index}-${nth}` }),
        ...{ callId: CALL, transferType: to.transferType },
        target: sent.hasType ? to.target : { id: to.target.id },
        ...{ at: time, receivedAt: time + sent.delay },
      };
    });
    const transferId = isOurs ? `t${index}` : undefined;
    const endsAt = at + one.answeredAfter;
    moves.push({ transferId, ...to, before: stands, sentAt, at, endsAt, ending, events });
  }
  return { moves, vain };
}

type Placed = { transferType: TransferType; target: Target };

function same(stands: Placement, to: Placed): boolean {
  return stands.target?.id === to.target.id && stands.transferType === to.transferType;
}

export function eventsOf({ moves }: CallStory): SentEvent[] {
  return moves.flatMap(({ events }) => events);
}

/** The same call, reported by a platform with this clock offset (negative: behind). */
export function withClockOff(story: CallStory, byMs: number): CallStory {
  const moves = story.moves.map((move) => ({
    ...move,
    events: move.events.map((sent) => ({ ...sent, at: sent.at + byMs })),
  }));
  return { ...story, moves };
}

/** Our sent transfers of the call as recorded at that time, newest first. */
export function transfersAt({ moves, vain }: CallStory, now: number): TransferRecord[] {
  const ours = moves.flatMap(({ transferId, ...move }) =>
    transferId === undefined ? [] : [{ ...move, transferId }],
  );
  return [...ours, ...vain]
    .filter(({ sentAt }) => sentAt <= now)
    .sort((a, b) => b.sentAt - a.sentAt)
    .map((sent) => recordAt(sent, now));
}

/** Our final record. */
export function transfersAtLast(story: CallStory): TransferRecord[] {
  return transfersAt(story, Number.MAX_SAFE_INTEGER);
}

function recordAt(sent: Sent, now: number): TransferRecord {
  const { transferId: id, transferType, target: to, before, sentAt, endsAt, ending } = sent;
  const hasEnded = now >= endsAt;
  const outcomes: Record<Ending, Outcome | null> = {
    answered: { status: 'transferred', target: to, isFallback: false, confirmedBy: 'answer' },
    'in doubt': null,
    'given up': { status: 'failed', reason: 'platform-unavailable' },
  };
  const outcome = hasEnded ? outcomes[ending] : null;
  const isDoubtful = hasEnded && ending !== 'answered';
  const open = isDoubtful ? 'in-doubt' : 'sending';
  const intent: Intent = {
    ...{
      id: `intent-${id}`,
      at: sentAt,
      effect: 'move',
      mark: { dialect: 'voice', fingerprint: '"1"', leg: null, data: null },
      transferType,
      target: to,
      isFallback: false,
      before,
    },
    ...{
      repeatable: 'same-fingerprint',
      sends: 1,
      state: outcome === null ? open : isDoubtful ? 'closed-in-doubt' : 'closed',
    },
  };
  return {
    id,
    request: { callId: CALL, userId: 'agent', transferType, target: to, metadata: { of: id } },
    actor: { type: 'apiKey', name: 'crm' },
    status: outcome?.status ?? (hasEnded ? 'unconfirmed' : 'active'),
    ...{ acceptedAt: sentAt - 1, expiresAt: sentAt + 900_000, nextAt: 0, attempts: 1, epoch: 1 },
    ...{ serverErrors: 0, conflicts: 0, unconfirmedReads: 0, unconfirmedSince: 0, interruptions: 0 },
    openIntent: outcome === null ? intent.id : '',
    intents: [intent],
    ...{ verdict: null, outcome, settledAt: outcome === null ? 0 : endsAt, movedBy: null, parked: false },
    ...{ recovery: null, held: null, replayed: false, followUps: [], callbacks: [], folded: 0 },
  };
}

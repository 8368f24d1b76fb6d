import {
  type Agent,
  type Availability,
  type Call,
  type Evidence,
  type Failure,
  type Intent,
  intentStates,
  meanings,
  type Placement,
  type Reading,
  type RequestNote,
  type Target,
} from '@handover/core/transfer';
import fc from 'fast-check';

/** Few ids and ETags, so that they often coincide. */
export const target: fc.Arbitrary<Target> = fc.record({
  type: fc.constantFrom('queue', 'user', 'skillGroup'),
  id: fc.constantFrom('a', 'b'),
});
const transferType = fc.constantFrom('blind' as const, 'consult' as const);
const mark = fc
  .constantFrom('"1"', '"2"')
  .map((fingerprint) => ({ dialect: 'voice', fingerprint, leg: null, data: null }));

/** Mostly a call that was never transferred, or one like another. */
const placement: fc.Arbitrary<Placement> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  fc.constant({ transferType: 'blind' as const, target: { type: 'queue' as const, id: 'a' } }),
  fc.record({
    transferType: fc.option(transferType, { nil: undefined }),
    target: fc.option(target, { nil: undefined }),
  }),
);
/** Mostly not. */
const rarely = fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.constant(true));

/** A time near those of the intents and deadlines below. */
export const time = fc.integer({ min: 900, max: 1_100 });

const failure: fc.Arbitrary<Failure> = fc.oneof(
  fc.record({
    kind: fc.constant('answered' as const),
    status: fc.integer({ min: 300, max: 599 }),
    means: fc.constantFrom(...meanings),
  }),
  fc.record({ kind: fc.constant('no-answer' as const), sent: fc.boolean(), detail: fc.constant('x') }),
  fc.record({ kind: fc.constant('malformed' as const), detail: fc.constant('x') }),
  fc.record({
    kind: fc.constant('intercepted' as const),
    status: fc.integer({ min: 200, max: 599 }),
    what: fc.constant('text/html'),
    passedOn: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('held' as const),
    until: time,
    answered: fc.boolean(),
    rule: fc.constant('x'),
  }),
  fc.constant({ kind: 'stopped' as const }),
);

export function reading<T>(value: fc.Arbitrary<T>): fc.Arbitrary<Reading<T>> {
  const requests = fc.constant<RequestNote[]>([]);
  return fc.oneof(
    { weight: 6, arbitrary: fc.record({ ok: fc.constant(true as const), value, ageMs: fc.nat(), requests }) },
    { weight: 1, arbitrary: fc.record({ ok: fc.constant(false as const), failure, requests }) },
  );
}

const agent: fc.Arbitrary<Agent> = fc.record({
  id: fc.constant('u'),
  mayTransfer: rarely.map((not) => !not),
  why: fc.constant('x'),
});

export const call: fc.Arbitrary<Call> = fc.record({
  id: fc.constant('c'),
  ended: rarely,
  state: fc.constantFrom('connected', 'terminated'),
  private: rarely,
  mark,
  placement,
});

const availability: fc.Arbitrary<Availability> = fc
  .boolean()
  .map((open) => ({ open, state: open ? 'open' : 'closed' }));

export const evidence: fc.Arbitrary<Evidence> = fc.record({
  request: fc.record({
    callId: fc.constant('c'),
    userId: fc.constant('u'),
    transferType,
    target,
    fallback: fc.option(target, { nil: undefined }),
  }),
  now: time,
  expiresAt: fc.oneof({ weight: 4, arbitrary: fc.constant(2_000) }, time),
  gaveUp: fc.array(target, { maxLength: 1 }),
  refused: fc.array(fc.record({ target, why: fc.constant('unknown there') }), { maxLength: 1 }),
  agent: reading(agent),
  call: reading(call),
  target: reading(availability),
  fallback: fc.option(reading(availability), { nil: undefined }),
});

export const intents: fc.Arbitrary<Intent[]> = fc.uniqueArray(
  fc.record({
    id: fc.uuid(),
    at: time,
    effect: fc.constant('move' as const),
    transferType,
    target,
    isFallback: fc.boolean(),
    mark,
    before: placement,
    repeatable: fc.constant('same-fingerprint' as const),
    sends: fc.integer({ min: 1, max: 3 }),
    state: fc.constantFrom(...intentStates),
  }),
  { selector: ({ id }) => id, maxLength: 3 },
);

import { test } from '@fast-check/vitest';
import { traceVoice } from '@handover/core/genesys';
import {
  type Call,
  closed,
  compare,
  decide,
  type Evidence,
  type Intent,
  isDoubtful,
  isOpen,
  type Placement,
  type Reading,
  TransferBody,
  toRequest,
} from '@handover/core/transfer';
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { call, evidence, intents, reading, time } from './arbitraries.ts';

const sameTarget = (a: Placement['target'], b: Placement['target']) => a?.type === b?.type && a?.id === b?.id;
const RUNS = { numRuns: 2_000 };
const triedOf = ({ gaveUp, refused }: Evidence) => [...gaveUp, ...refused.map(({ target }) => target)];
const takesCalls = (seen: Evidence['fallback']) => seen?.ok === true && seen.value.open;

describe('deciding', () => {
  test.prop([evidence], RUNS)('is deterministic and does not change its input', (given) => {
    const copy = structuredClone(given);
    const first = decide(given);
    expect(decide(given)).toEqual(first);
    expect(given).toEqual(copy);
    expect(decide(copy)).toEqual(first);
  });

  test.prop([evidence], RUNS)('every input gives a decision with its rule', (given) => {
    const decision = decide(given);
    expect(['send', 'read-fallback', 'end', 'hold-off', 'retry', 'hand-back']).toContain(decision.do);
    expect(decision.rule).not.toBe('');
  });

  test.prop([evidence], RUNS)('sends nothing that a rule forbids', (given) => {
    const decision = decide(given);
    if (decision.do !== 'send') return;
    expect(given.now).toBeLessThan(given.expiresAt);
    expect(given.agent).toMatchObject({ ok: true, value: { mayTransfer: true } });
    expect(given.call).toMatchObject({ ok: true, value: { private: false, ended: false } });
    expect(takesCalls(decision.isFallback ? given.fallback : given.target)).toBe(true);
    expect(decision.target).toEqual(decision.isFallback ? given.request.fallback : given.request.target);
    expect(decision.call).toEqual(given.call.ok && given.call.value);
  });

  test.prop([evidence], RUNS)('uses the fallback only if the target is not open', (given) => {
    const decision = decide(given);
    const usesFallback = decision.do === 'read-fallback' || (decision.do === 'send' && decision.isFallback);
    const wasTried = triedOf(given).some((one) => sameTarget(one, given.request.target));
    if (usesFallback && !wasTried) expect(takesCalls(given.target)).toBe(false);
  });

  test.prop([evidence], RUNS)('sends nothing to a target that gave up or was refused', (given) => {
    const decision = decide(given);
    if (decision.do === 'send') expect(triedOf(given)).not.toContainEqual(decision.target);
  });

  test.prop([evidence], RUNS)('a 429 never leads to the fallback or to an effect', (given) => {
    const seen = [given.agent, given.call, given.target, given.fallback];
    const limited = seen.some(
      (one) =>
        one?.ok === false &&
        (one.failure.kind === 'held' || (one.failure.kind === 'answered' && one.failure.means === 'limited')),
    );
    if (limited) expect(['end', 'hold-off']).toContain(decide(given).do);
  });

  test.prop([evidence], RUNS)(
    'an intermediary’s answer neither ends, sends nor redirects a transfer',
    (given) => {
      const { agent, call: seenCall, target, fallback } = given;
      const strange = (one: Reading<unknown> | undefined) =>
        one?.ok === false && one.failure.kind === 'intercepted';
      const decision = decide(given);
      if (strange(target) || strange(fallback)) expect(['send', 'read-fallback']).not.toContain(decision.do);
      if (decision.do !== 'end' || decision.outcome.status === 'expired') return;
      // Only the platform's answers end it.
      expect(strange(agent) && strange(seenCall)).toBe(false);
      expect(decision.outcome.detail).not.toMatch('in between');
    },
  );

  test.prop([evidence], RUNS)('past the deadline there is only one decision', (given) => {
    const late = { ...given, now: given.expiresAt };
    expect(decide(late)).toMatchObject({ do: 'end', outcome: { status: 'expired' } });
  });

  test.prop([evidence], RUNS)('reads the fallback at most once', (given) => {
    if (given.fallback !== undefined) expect(decide(given).do).not.toBe('read-fallback');
    if (given.request.fallback === undefined) expect(decide(given).do).not.toBe('read-fallback');
  });
});

describe('comparing', () => {
  const WINDOW = 50;
  const compared = (list: Intent[], seen: Reading<Call>, readAt: number) =>
    compare({ id: 't-1', intents: list, movedBy: null }, seen, readAt, {
      ...{ trace: traceVoice, settleWindowMs: WINDOW, readLagMs: 0 },
    });
  const given: [fc.Arbitrary<Intent[]>, fc.Arbitrary<Reading<Call>>, typeof time] = [
    intents,
    reading(call),
    time,
  ];

  const unmoved = (seen: Reading<Call>, intent: Intent) =>
    seen.ok &&
    sameTarget(seen.value.placement.target, intent.before.target) &&
    seen.value.placement.transferType === intent.before.transferType;

  test.prop(given, RUNS)('is deterministic and does not change its input', (all, seen, readAt) => {
    const copy = structuredClone({ all, seen });
    const first = compared(all, seen, readAt);
    expect(compared(all, seen, readAt)).toEqual(first);
    expect({ all, seen }).toEqual(copy);
  });

  test.prop(given, RUNS)(
    'only a late reading of an unmoved live call clears a doubt',
    (all, seen, readAt) => {
      if (compared(all, seen, readAt).found !== 'clear') return;
      for (const intent of all.filter((one) => isOpen(one) && isDoubtful(one))) {
        expect(readAt).toBeGreaterThanOrEqual(intent.at + WINDOW);
        expect(unmoved(seen, intent)).toBe(true);
        expect(seen.ok && !seen.value.ended).toBe(true);
      }
    },
  );

  test.prop(given, RUNS)('a clear finding closes every open intent', (all, seen, readAt) => {
    const comparison = compared(all, seen, readAt);
    if (comparison.found !== 'clear') return;
    const open = all.filter(isOpen).map(({ id }) => id);
    expect(comparison.closed.map(({ id }) => id)).toEqual(open);
    expect(comparison.closed.some(isOpen)).toBe(false);
  });

  test.prop(given, RUNS)('happened means seen at the target, and not there before', (all, seen, readAt) => {
    const comparison = compared(all, seen, readAt);
    if (comparison.found !== 'happened') return;
    const { intent } = comparison;
    expect(isOpen(intent) || isDoubtful(intent)).toBe(true);
    expect(seen.ok && sameTarget(seen.value.placement.target, intent.target)).toBe(true);
    expect(unmoved(seen, intent)).toBe(false);
  });

  test.prop(given, RUNS)(
    'reports a move by someone else only if ours was certainly refused',
    (all, seen, readAt) => {
      const comparison = compared(all, seen, readAt);
      if (comparison.found !== 'moved-by-another') return;
      expect(isDoubtful(comparison.intent)).toBe(false);
      expect(unmoved(seen, comparison.intent)).toBe(false);
    },
  );

  test.prop(given, RUNS)('resends only for an unchanged call', (all, seen, readAt) => {
    const comparison = compared(all, seen, readAt);
    if (comparison.found !== 'not-yet') return;
    const isSame = seen.ok && seen.value.mark.fingerprint === comparison.intent.mark.fingerprint;
    expect(comparison.resend).toBe(isSame && comparison.intent.state !== 'accepted');
    expect(comparison.provenAt).toBeGreaterThan(readAt);
  });

  test.prop(given, RUNS)('without an open intent only a late effect matters', (all, seen, readAt) => {
    const ended = all.map((intent) => (isOpen(intent) ? closed(intent) : intent));
    expect(['clear', 'happened']).toContain(compared(ended, seen, readAt).found);
    const certain = ended.map((intent) => ({ ...intent, state: 'closed' as const }));
    expect(compared(certain, seen, readAt).found).toBe('clear');
  });
});

describe('parsing a request', () => {
  const NOW = Date.parse('2026-11-22T10:00:00Z');

  function parse(value: unknown) {
    const parsed = TransferBody.safeParse(value);
    return parsed.success ? toRequest(parsed.data) : undefined;
  }

  test.prop([fc.jsonValue()], RUNS)('never throws on JSON', (value) => {
    expect(() => parse(value)).not.toThrow();
  });

  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('.', '..', '../x', 'queue'),
  );
  const instant = fc.oneof(
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    fc.integer({ min: -10, max: 40 * 86_400 }).map((s) => new Date(NOW + s * 1_000).toISOString()),
    fc.constantFrom(
      '2026-11-22T10:00Z',
      '2026-11-22T23:59:59.999999999+14:00',
      '0000-01-01T00:00:00Z',
      'now',
    ),
    text,
  );
  const target = fc.record({ type: fc.constantFrom('queue', 'user', 'skillGroup', 'address'), id: text });
  const body = fc.record(
    {
      ...{ callId: text, userId: text, wrapUpCodeId: text, target, fallback: target },
      ...{ transferType: fc.constantFrom('blind', 'consult'), priority: fc.integer({ min: -1, max: 10 }) },
      ...{ notBefore: instant, expiresAt: instant },
      metadata: fc.dictionary(fc.string(), fc.string(), { maxKeys: 22 }),
    },
    { requiredKeys: ['callId', 'userId', 'target', 'transferType'] },
  );

  test.prop([body], RUNS)('accepted requests can be executed and stored', (value) => {
    const made = parse(value);
    if (made?.ok !== true) return;
    const { request } = made;
    for (const at of [request.notBefore, request.expiresAt])
      if (at !== undefined) expect(Number.isSafeInteger(at)).toBe(true);
    for (const id of [request.callId, request.userId, request.target.id, request.fallback?.id ?? 'x']) {
      const path = new URL(`http://h/calls/${encodeURIComponent(id)}/transfer`).pathname;
      expect(decodeURIComponent(path.split('/')[2] ?? '')).toBe(id);
      expect(path.split('/')).toHaveLength(4);
    }
    expect(Object.keys(request.metadata ?? {}).length).toBeLessThanOrEqual(20);
    expect(JSON.parse(JSON.stringify(request))).toEqual(JSON.parse(JSON.stringify({ ...value, ...request })));
  });

  test.prop([body], RUNS)('refusals about times name the field', (value) => {
    const made = parse(value);
    if (made?.ok !== false) return;
    expect(made.errors.length).toBeGreaterThan(0);
    for (const { field } of made.errors) expect(['notBefore', 'expiresAt']).toContain(field);
  });
});

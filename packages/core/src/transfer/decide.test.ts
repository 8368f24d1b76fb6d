import { expect, test } from 'vitest';
import { type Decision, decide, type Evidence } from './decide.ts';
import type { Agent, Availability, Call, Failure, Meaning, Reading } from './ports.ts';
import type { Target, TransferRequest } from './request.ts';

const NOW = 1_000_000;
const support = { type: 'queue', id: 'support' } as const;
const overflow = { type: 'queue', id: 'overflow' } as const;
const request: TransferRequest = { callId: 'c', userId: 'u', transferType: 'blind', target: support };
const withFallback = { ...request, fallback: overflow };

const seen = <T>(value: T): Reading<T> => ({ ok: true, value, ageMs: 0, requests: [] });
const failed = <T>(failure: Failure): Reading<T> => ({ ok: false, failure, requests: [] });
const means: Record<number, Meaning> = {
  ...{ 400: 'invalid', 401: 'unauthorized', 403: 'forbidden', 404: 'gone', 410: 'gone', 429: 'limited' },
};
const status = (code: number) =>
  failed<never>({ kind: 'answered', status: code, means: means[code] ?? 'unwell' });
const between = (code: number) =>
  failed<never>({ kind: 'intercepted', status: code, what: 'text/html', passedOn: false });
const lost = failed<never>({ kind: 'no-answer', sent: true, detail: 'ECONNRESET' });
const held = (until: number) => failed<never>({ kind: 'held', until, answered: true, rule: 'rate limited' });
const stopped = failed<never>({ kind: 'stopped' });

const may = seen<Agent>({ id: 'u', mayTransfer: true, why: 'may transfer' });
const mayNot = seen<Agent>({ id: 'u', mayTransfer: false, why: 'has no role' });
const open = seen<Availability>({ open: true, state: 'open' });
const closed = seen<Availability>({ open: false, state: 'closed' });
const full = seen<Availability>({ open: false, state: 'at_capacity' });
const call = (fields: Partial<Call> = {}) =>
  seen<Call>({
    ...{ id: 'c', ended: false, state: 'connected', private: false, placement: {} },
    mark: { dialect: 'any', fingerprint: '1', leg: null, data: null },
    ...fields,
  });

const ordinary: Evidence = {
  request,
  now: NOW,
  gaveUp: [],
  refused: [],
  expiresAt: NOW + 1,
  agent: may,
  call: call(),
  target: open,
};
const decided = (change: Partial<Evidence>): Decision => decide({ ...ordinary, ...change });

const sends = { do: 'send', target: support, isFallback: false };
const usesFallback = { do: 'send', target: overflow, isFallback: true };
const gaveUp = { do: 'end', outcome: { status: 'failed', reason: 'target-gave-up' } };
const asksFallback = { do: 'read-fallback', fallback: overflow };
const later = { do: 'retry' };
const handsBack = { do: 'hand-back' };
const expired = { do: 'end', outcome: { status: 'expired' } };
const rejected = (reason: string) => ({ do: 'end', outcome: { status: 'rejected', reason } });
const holdsOff = (until: number) => ({ do: 'hold-off', until });

const inVain = (target: Target) => ({ target, why: 'unknown there' });

const badCall = call({ private: true, ended: true, state: 'terminated' });
const unsure = { request: withFallback, target: closed };

test.each<[string, Partial<Evidence>, object]>([
  ['everything is well: send', {}, sends],
  ['a private call', { call: call({ private: true }) }, rejected('call-is-private')],
  ['an ended call', { call: call({ ended: true, state: 'disconnected' }) }, rejected('call-ended')],
  ['a call that is gone', { call: status(404) }, rejected('call-ended')],
  ['a call that we may not read', { call: status(403) }, rejected('forbidden')],
  ['a call that cannot be read now', { call: status(503) }, later],
  ['a call of which no answer came', { call: lost }, later],
  ['an agent without the permission', { agent: mayNot }, rejected('not-permitted')],
  ['an agent that is unknown', { agent: status(404) }, rejected('not-permitted')],
  ['an agent that we may not read', { agent: status(403) }, rejected('forbidden')],
  ['an agent that cannot be read now', { agent: status(500) }, later],
  ['a token that is refused twice', { agent: status(401) }, later],
  ['the very millisecond of the deadline', { expiresAt: NOW }, expired],
  ['after the deadline', { expiresAt: NOW - 1 }, expired],

  ['target closed, no fallback', { target: closed }, rejected('target-unavailable')],
  ['target full, no fallback', { target: full }, rejected('target-unavailable')],
  ['target unknown, no fallback', { target: status(404) }, rejected('target-unavailable')],
  ['target unreadable now, no fallback', { target: status(502) }, later],
  ['no answer about the target, no fallback', { target: lost }, later],

  ['target closed, fallback not read yet', unsure, asksFallback],
  ['target unknown, fallback not read yet', { ...unsure, target: status(404) }, asksFallback],
  ['target unreadable now, fallback not read yet', { ...unsure, target: status(503) }, asksFallback],
  ['target closed, fallback open', { ...unsure, fallback: open }, usesFallback],
  ['target unknown, fallback open', { ...unsure, target: status(404), fallback: open }, usesFallback],
  ['target unreadable now, fallback open', { ...unsure, target: lost, fallback: open }, usesFallback],
  ['target open: the fallback is never used', { ...unsure, target: open, fallback: open }, sends],
  ['neither open', { ...unsure, fallback: full }, rejected('target-unavailable')],
  ['fallback unknown', { ...unsure, fallback: status(404) }, rejected('target-unavailable')],
  ['fallback unreadable now', { ...unsure, fallback: status(503) }, later],

  ['target refused when sent, no fallback', { refused: [inVain(support)] }, rejected('target-unavailable')],
  [
    'target refused when sent, fallback not read yet',
    { request: withFallback, refused: [inVain(support)] },
    asksFallback,
  ],
  [
    'target refused when sent, fallback open',
    { request: withFallback, refused: [inVain(support)], fallback: open },
    usesFallback,
  ],
  [
    'both refused when sent',
    { request: withFallback, refused: [inVain(support), inVain(overflow)], fallback: open },
    rejected('target-unavailable'),
  ],
  [
    'target abandoned, fallback refused when sent',
    { request: withFallback, gaveUp: [support], refused: [inVain(overflow)], fallback: open },
    gaveUp,
  ],
  ['another target was refused', { refused: [inVain(overflow)] }, sends],

  ['429 for the agent', { agent: held(NOW + 5) }, holdsOff(NOW + 5)],
  ['429 for the call', { call: held(NOW + 5) }, holdsOff(NOW + 5)],
  [
    '429 for the target is no reason for the fallback',
    { ...unsure, target: held(NOW + 5) },
    holdsOff(NOW + 5),
  ],
  ['429 for the fallback', { ...unsure, fallback: held(NOW + 5) }, holdsOff(NOW + 5)],
  ['two hold-offs: the latest wins', { agent: held(NOW + 9), call: held(NOW + 5) }, holdsOff(NOW + 9)],
  ['the latest hold-off wins', { agent: held(NOW + 5), call: held(NOW + 9) }, holdsOff(NOW + 9)],
  [
    'the latest of three',
    { agent: held(NOW + 5), call: held(NOW + 9), target: held(NOW + 7) },
    holdsOff(NOW + 9),
  ],
  ['shutting down', { target: stopped }, handsBack],
])('%s', (_, change, expected) => {
  expect(decided(change)).toMatchObject(expected);
});

test.each<[string, Partial<Evidence>, object]>([
  [
    'the deadline comes before everything',
    { expiresAt: NOW, agent: mayNot, call: badCall, target: held(NOW + 5) },
    expired,
  ],
  ['the permission comes before privacy', { agent: mayNot, call: badCall }, rejected('not-permitted')],
  ['privacy comes before the end of the call', { call: badCall }, rejected('call-is-private')],
  [
    'a call that has ended comes before a closed target',
    { call: status(404), target: closed },
    rejected('call-ended'),
  ],
  [
    'what is certain ends it even while another read is held off',
    { agent: held(NOW + 5), call: badCall },
    rejected('call-is-private'),
  ],
  [
    'a refused permission ends it although the call cannot be read',
    { agent: mayNot, call: status(503) },
    rejected('not-permitted'),
  ],
  ['a hold-off comes before a retry', { agent: status(503), call: held(NOW + 5) }, holdsOff(NOW + 5)],
  ['a shutdown comes before a retry', { agent: status(503), call: stopped }, handsBack],
  ['an unreadable call comes before the fallback', { ...unsure, call: status(503), fallback: open }, later],
  ['an unreadable agent comes before the fallback', { ...unsure, agent: lost, fallback: open }, later],
])('%s', (_, change, expected) => {
  expect(decided(change)).toMatchObject(expected);
});

test.each(['agent', 'call', 'target', 'fallback'] as const)(
  'an answer for the %s from something in between waits, whatever its status, and says of what',
  (what) => {
    for (const code of [200, 202, 204, 301, 401, 403, 404, 409, 412, 500, 503]) {
      const base = what === 'fallback' ? unsure : { ...unsure, target: open };
      expect(decided({ ...base, [what]: between(code) })).toEqual({
        do: 'retry',
        rule: `the ${what} cannot be read now`,
        detail: `${what}: ${code} from something in between (text/html), not from the platform`,
      });
    }
  },
);

test.each(['agent', 'call', 'target'] as const)(
  'a bare 429 for the %s, without a time, neither sends nor uses the fallback nor throws',
  (what) => {
    const decision = decided({ request: withFallback, [what]: status(429) });
    expect(decision).toMatchObject({ do: 'hold-off', until: NOW, rule: 'rate limited' });
  },
);

test('a decision to send carries the call as it was read, with its mark', () => {
  const mark = { dialect: 'any', fingerprint: '7', leg: null, data: null };
  expect(decided({ call: call({ mark }) })).toMatchObject({ call: { mark } });
});

test('a decision for the fallback gives the reason', () => {
  expect(decided({ ...unsure, fallback: open })).toMatchObject({ rule: 'target is closed' });
  expect(decided({ ...unsure, target: status(503), fallback: open })).toMatchObject({
    rule: 'target the platform answered 503',
  });
});

test('a rejection carries the words of the agent or the platform', () => {
  expect(decided({ agent: mayNot })).toMatchObject({ outcome: { detail: 'has no role' } });
  const forbidden = failed<never>({
    kind: 'answered',
    status: 403,
    means: 'forbidden',
    code: 'missing.scope',
  });
  expect(decided({ call: forbidden })).toMatchObject({
    outcome: { detail: 'call: the platform answered 403 (missing.scope)' },
  });
});

test.each([
  ['the fallback is asked for', { request: withFallback }, asksFallback],
  ['the fallback is used where it takes calls', { request: withFallback, fallback: open }, usesFallback],
  ['a fallback that is closed', { request: withFallback, fallback: closed }, gaveUp],
  ['a fallback that cannot be read now', { request: withFallback, fallback: lost }, { do: 'retry' }],
  ['no fallback', {}, gaveUp],
  ['the fallback was abandoned too', { request: withFallback, gaveUp: [support, overflow] }, gaveUp],
])('a target that gave the call up is not tried again: %s', (_, change, expected) => {
  expect(decided({ gaveUp: [support], ...change })).toMatchObject(expected);
});

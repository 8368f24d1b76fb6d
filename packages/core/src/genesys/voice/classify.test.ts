import { describe, expect, test } from 'vitest';
import { type Classified, classify, describeFailure, type Phase } from '../../transfer/classify.ts';
import type { Failure } from '../../transfer/ports.ts';
import type { Reason } from '../../transfer/words.ts';
import { meant } from './classify.ts';

const answered = (status: number): Failure => ({ kind: 'answered', status });
const noAnswer = (sent: boolean): Failure => ({ kind: 'no-answer', sent, detail: 'ECONNRESET' });
const held = (answered: boolean): Failure => ({ kind: 'held', until: 1, answered, rule: 'rate limited' });
const malformed: Failure = { kind: 'malformed', detail: 'state Required' };
const between = (status: number): Failure => ({
  ...{ kind: 'intercepted', status, what: 'text/html', passedOn: status >= 200 && status < 300 },
});
const follows = (failure: Failure, phase: Phase) => classify(meant(failure, phase), phase);
const heldBetween: Failure = {
  ...held(true),
  what: '429 from something in between (text/html), not from the platform',
} as Failure;
const reject = (reason: Reason): Classified => ({ follow: 'reject', reason });

const refused = reject('refused-by-platform');
const forbidden = reject('forbidden');
const holdOff: Classified = { follow: 'hold-off', doubt: 'none' };
const holdOffInDoubt: Classified = { follow: 'hold-off', doubt: 'read-later' };
const handBack: Classified = { follow: 'hand-back' };
const conflict: Classified = { follow: 'conflict' };
const later: Classified = { follow: 'retry', doubt: 'none' };
const readFirst: Classified = { follow: 'retry', doubt: 'read-later' };
const readNow: Classified = { follow: 'retry', doubt: 'read-now' };
const fallbackElseReject: Classified = { follow: 'fallback', orElse: 'reject' };
const fallbackElseLater: Classified = { follow: 'fallback', orElse: 'retry' };

const phases: Phase[] = ['agent', 'call', 'target', 'effect'];
type Row = [string, Failure, ...Classified[]];

/** A failure, and what follows from it in each phase, in the order of `phases` (docs/rules.md). */
const rows: Row[] = [
  ['302', answered(302), later, later, fallbackElseLater, readFirst],
  ['304', answered(304), later, later, fallbackElseLater, readFirst],
  ['400', answered(400), refused, refused, fallbackElseReject, refused],
  ['401 for the second time', answered(401), later, later, later, later],
  ['403', answered(403), forbidden, forbidden, fallbackElseReject, forbidden],
  ['404', answered(404), reject('not-permitted'), reject('call-ended'), fallbackElseReject, refused],
  ['408', answered(408), later, later, fallbackElseLater, readFirst],
  ['410', answered(410), reject('not-permitted'), reject('call-ended'), fallbackElseReject, refused],
  ['422', answered(422), refused, refused, fallbackElseReject, refused],
  ['425', answered(425), later, later, fallbackElseLater, readFirst],
  ['428', answered(428), refused, refused, fallbackElseReject, refused],
  ['429', answered(429), holdOff, holdOff, holdOff, holdOff],
  ['500', answered(500), later, later, fallbackElseLater, readFirst],
  ['502', answered(502), later, later, fallbackElseLater, readFirst],
  ['503', answered(503), later, later, fallbackElseLater, readFirst],
  ['504', answered(504), later, later, fallbackElseLater, readFirst],
  ['a refused connection (nothing sent)', noAnswer(false), later, later, fallbackElseLater, later],
  ['a reset connection (sent)', noAnswer(true), later, later, fallbackElseLater, readNow],
  ['a 2xx with a bad body', malformed, later, later, fallbackElseLater, readNow],
  ['holding off', held(false), holdOff, holdOff, holdOff, holdOff],
  ['a 429 that set the shared hold-off', held(true), holdOff, holdOff, holdOff, holdOff],
  ['a 429 of something in between', heldBetween, holdOff, holdOff, holdOff, holdOffInDoubt],
  ['shutting down', { kind: 'stopped' }, handBack, handBack, handBack, handBack],
];

describe.each(rows)('%s', (_, failure, ...expected) => {
  test.each(phases.map((phase, index) => [phase, expected[index]] as const))(
    'at the %s',
    (phase, classified) => {
      expect(follows(failure, phase)).toEqual(classified);
    },
  );
});

test.each([409, 412])('%i means that the call changed, at the effect only', (status) => {
  expect(follows(answered(status), 'effect')).toEqual(conflict);
  expect(follows(answered(status), 'agent')).toEqual(refused);
  expect(follows(answered(status), 'call')).toEqual(refused);
  expect(follows(answered(status), 'target')).toEqual(fallbackElseReject);
});

test('no status from 300 to 599 leaves the effect without a classification, and every 5xx leaves a doubt', () => {
  for (let status = 300; status < 600; status += 1) {
    const classified = follows(answered(status), 'effect');
    expect(classified.follow).not.toBe('fallback');
    if (status >= 500) expect(classified).toEqual(readFirst);
  }
});

test('something in between never makes us refuse, use the fallback or see a conflict, whatever its status', () => {
  for (let status = 200; status < 600; status += 1) {
    for (const phase of ['agent', 'call', 'target'] as const)
      expect(follows(between(status), phase)).toEqual(later);
    expect(follows(between(status), 'effect')).toEqual(status < 300 ? readNow : readFirst);
  }
});

test.each<[Failure, string]>([
  [answered(503), 'the platform answered 503'],
  [{ kind: 'answered', status: 403, code: 'missing.scope' }, 'the platform answered 403 (missing.scope)'],
  [
    { kind: 'answered', status: 400, code: 'bad', message: 'not so' },
    'the platform answered 400 (bad: not so)',
  ],
  [
    { kind: 'answered', status: 403, code: 'missing', message: 'no', hint: 'the client lacks a, b' },
    'the client lacks a, b (platform: missing)',
  ],
  [
    { kind: 'answered', status: 403, hint: 'why', retryAfterMs: 1_000 },
    'why (platform: 403), retry after 1 s',
  ],
  [{ kind: 'no-answer', sent: true, detail: 'ECONNRESET' }, 'no answer: ECONNRESET'],
  [{ kind: 'no-answer', sent: false, detail: 'ECONNREFUSED' }, 'not reached: ECONNREFUSED'],
  [{ kind: 'malformed', detail: 'etag Required' }, 'unreadable answer: etag Required'],
  [
    { kind: 'held', until: 0, answered: true, rule: 'rate limited' },
    'holding off until 1970-01-01T00:00:00.000Z',
  ],
  [
    heldBetween,
    'holding off until 1970-01-01T00:00:00.001Z after a 429 from something in between (text/html), not from the platform',
  ],
  [between(403), '403 from something in between (text/html), not from the platform'],
  [
    { kind: 'answered', status: 503, code: 'maintenance', retryAfterMs: 8_000 },
    'the platform answered 503 (maintenance), retry after 8 s',
  ],
  [
    { ...between(503), retryAfterMs: 1_500 } as Failure,
    '503 from something in between (text/html), not from the platform, retry after 1.5 s',
  ],
  [{ kind: 'stopped' }, 'this worker is shutting down'],
])('%j is told as "%s"', (failure, words) => {
  expect(describeFailure(failure)).toBe(words);
});

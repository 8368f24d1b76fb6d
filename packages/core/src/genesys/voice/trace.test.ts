import { describe, expect, test } from 'vitest';
import { compare } from '../../transfer/compare.ts';
import type { Call, Failure, Reading } from '../../transfer/ports.ts';
import type { Target } from '../../transfer/request.ts';
import type { Intent, Placement } from '../../transfer/words.ts';
import { traceVoice } from './trace.ts';

const AT = 1_000_000;
const WINDOW = 20_000;
const PROVEN = AT + WINDOW;
const VOICE = { trace: traceVoice, settleWindowMs: WINDOW, readLagMs: 0 };

const support: Target = { type: 'queue', id: 'support' };
const sales: Target = { type: 'queue', id: 'sales' };
const atSupport: Placement = { transferType: 'blind', target: support };
const atSales: Placement = { transferType: 'blind', target: sales };

const markOf = (fingerprint: string) => ({ dialect: 'voice', fingerprint, leg: null, data: null });
const inDoubt: Intent = {
  ...{ id: 'i1', at: AT, effect: 'move', transferType: 'blind', target: support, isFallback: false },
  ...{ mark: markOf('"1"'), before: {}, repeatable: 'same-fingerprint', sends: 1, state: 'in-doubt' },
};
const refused: Intent = { ...inDoubt, state: 'refused' };

function call({ etag = '"1"', ...fields }: Partial<Call> & { etag?: string } = {}): Reading<Call> {
  const value = { id: 'c', ended: false, state: 'connected', private: false, placement: {} };
  return { ok: true, value: { ...value, mark: markOf(etag), ...fields }, ageMs: 0, requests: [] };
}
const unreadable = (failure: Failure): Reading<Call> => ({ ok: false, failure, requests: [] });

const unmoved = call();
const touched = call({ etag: '"2"' });
const there = call({ etag: '"2"', placement: atSupport });
const elsewhere = call({ etag: '"2"', placement: atSales });
const hungUp = call({ etag: '"2"', ended: true, state: 'terminated' });
const hungUpThere = call({ etag: '"2"', ended: true, state: 'terminated', placement: atSupport });
const down = unreadable({ kind: 'answered', status: 503 });
const gone = unreadable({ kind: 'answered', status: 404 });
const silent = unreadable({ kind: 'no-answer', sent: true, detail: 'ECONNRESET' });

type Row = [string, Intent[], Reading<Call>, number, string];
const found = (intents: Intent[], reading: Reading<Call>, readAt: number) =>
  compare({ id: 't-1', intents, movedBy: null }, reading, readAt, VOICE);

describe('without an open intent there is nothing in the way', () => {
  const closed: Intent = { ...refused, state: 'closed' };
  const givenUp: Intent = { ...inDoubt, state: 'closed-in-doubt' };
  test.each<Row>([
    ['no intent at all', [], unmoved, AT, 'clear'],
    ['no intent, and the call cannot be read', [], down, AT, 'clear'],
    ['one that was refused and closed', [closed], elsewhere, AT, 'clear'],
    ['one that was refused and closed, the call now there', [closed], there, AT, 'clear'],
    ['one given up in doubt, unmoved', [givenUp], unmoved, AT, 'clear'],
    ['one given up in doubt whose effect came late', [givenUp], there, AT, 'happened'],
  ])('%s', (_, intents, reading, readAt, expected) => {
    expect(found(intents, reading, readAt).found).toBe(expected);
  });
});

describe('an open intent in doubt', () => {
  const wasThere = { ...inDoubt, before: atSupport };
  test.each<Row>([
    ['the call is where it was wanted', [inDoubt], there, AT, 'happened'],
    ['the same, after the settle window', [inDoubt], there, PROVEN, 'happened'],
    ['the call is where it was wanted, and has ended', [inDoubt], hungUpThere, AT, 'happened'],
    ['unmoved before the window has passed', [inDoubt], unmoved, PROVEN - 1, 'not-yet'],
    ['unmoved and touched before the window has passed', [inDoubt], touched, PROVEN - 1, 'not-yet'],
    ['unmoved once the window has passed', [inDoubt], unmoved, PROVEN, 'clear'],
    ['unmoved and touched once the window has passed', [inDoubt], touched, PROVEN, 'clear'],
    ['elsewhere: ours may have come first', [inDoubt], elsewhere, PROVEN, 'unknown'],
    ['ended', [inDoubt], hungUp, PROVEN, 'unknown'],
    ['ended, the ETag the same', [inDoubt], call({ ended: true }), PROVEN, 'unknown'],
    ['a call that answers 5xx', [inDoubt], down, PROVEN, 'unknown'],
    ['a call that is gone', [inDoubt], gone, PROVEN, 'unknown'],
    ['a call of which no answer comes', [inDoubt], silent, PROVEN, 'unknown'],
    ['it stood there before, too early to tell', [wasThere], call({ placement: atSupport }), AT, 'not-yet'],
    ['it stood there before, ETag changed', [wasThere], there, PROVEN, 'unknown'],
    ['it stood there before, ETag the same', [wasThere], call({ placement: atSupport }), PROVEN, 'clear'],
    [
      'there, but as another type of transfer',
      [inDoubt],
      call({ etag: '"2"', placement: { ...atSupport, transferType: 'consult' } }),
      PROVEN,
      'unknown',
    ],
    [
      'there, the platform not telling the type of transfer',
      [inDoubt],
      call({ etag: '"2"', placement: { target: support } }),
      AT,
      'happened',
    ],
    [
      'at a user of the same id as the queue',
      [inDoubt],
      call({ etag: '"2"', placement: { transferType: 'blind', target: { type: 'user', id: 'support' } } }),
      PROVEN,
      'unknown',
    ],
  ])('%s', (_, intents, reading, readAt, expected) => {
    expect(found(intents, reading, readAt).found).toBe(expected);
  });

  test('says when a reading will prove it, and whether the same ETag still stands', () => {
    expect(found([inDoubt], unmoved, AT)).toMatchObject({ provenAt: PROVEN, resend: true });
    expect(found([inDoubt], touched, AT)).toMatchObject({ provenAt: PROVEN, resend: false });
  });
});

describe('an open intent that the platform refused', () => {
  test.each<Row>([
    ['its ETag still shown: the reading is older than the refusal', [refused], unmoved, PROVEN - 1, 'stale'],
    [
      'the same, though the call stood there before',
      [{ ...refused, before: atSupport }],
      unmoved,
      AT,
      'stale',
    ],
    ['its ETag still shown once the window has passed: decide again', [refused], unmoved, PROVEN, 'clear'],
    ['touched: decide again, at once', [refused], touched, AT, 'clear'],
    ['the call is where it was wanted', [refused], there, AT, 'happened'],
    ['somebody else moved it', [refused], elsewhere, AT, 'moved-by-another'],
    ['it ended: deciding will say so', [refused], hungUp, AT, 'clear'],
    ['it is gone: deciding will say so', [refused], gone, AT, 'clear'],
    ['it cannot be read now: deciding will say so', [refused], down, AT, 'clear'],
    [
      'it stood there before and still does',
      [{ ...refused, before: atSupport }],
      call({ etag: '"2"', placement: atSupport }),
      AT,
      'clear',
    ],
    [
      'refused after an earlier sending in doubt, its ETag still shown',
      [{ ...inDoubt, state: 'refused-in-doubt' }],
      unmoved,
      AT,
      'stale',
    ],
    [
      'refused after an earlier sending in doubt: still a doubt',
      [{ ...inDoubt, state: 'refused-in-doubt' }],
      elsewhere,
      PROVEN,
      'unknown',
    ],
  ])('%s', (_, intents, reading, readAt, expected) => {
    expect(found(intents, reading, readAt).found).toBe(expected);
  });
});

describe('several intents', () => {
  const second: Intent = { ...inDoubt, id: 'i2', at: AT + 5_000, target: sales, isFallback: true };

  test('any one of them may turn out to have happened', () => {
    expect(found([inDoubt, second], there, AT)).toMatchObject({ found: 'happened', intent: { id: 'i1' } });
    expect(found([inDoubt, second], elsewhere, AT)).toMatchObject({
      found: 'happened',
      intent: { id: 'i2' },
    });
  });

  test('the latest of those that fit is the one that happened', () => {
    const again = { ...inDoubt, id: 'i3' };
    expect(found([inDoubt, again], there, AT)).toMatchObject({ intent: { id: 'i3' } });
  });

  test('the proof waits for the latest of them', () => {
    expect(found([inDoubt, second], unmoved, AT)).toMatchObject({
      found: 'not-yet',
      provenAt: PROVEN + 5_000,
    });
    expect(found([second, inDoubt], unmoved, AT)).toMatchObject({ provenAt: PROVEN + 5_000 });
    expect(found([second, inDoubt], unmoved, PROVEN)).toMatchObject({
      found: 'not-yet',
      intent: { id: 'i2' },
    });
    expect(found([inDoubt, second], unmoved, PROVEN + 5_000).found).toBe('clear');
  });

  test('one that cannot be told outweighs those that can', () => {
    const wasAtSales = { ...inDoubt, id: 'i3', before: atSales };
    expect(found([inDoubt, wasAtSales], elsewhere, AT).found).toBe('unknown');
    expect(found([wasAtSales, inDoubt], elsewhere, AT).found).toBe('unknown');
    expect(found([refused, second], down, PROVEN + 5_000).found).toBe('unknown');
    expect(found([second, refused], down, PROVEN + 5_000).found).toBe('unknown');
  });

  test('all open ones are closed by a clear reading, and none of those closed before', () => {
    const before: Intent = { ...refused, id: 'i0', state: 'closed' };
    const comparison = found([before, inDoubt, { ...refused, id: 'i2' }], unmoved, PROVEN);
    expect(comparison).toMatchObject({
      found: 'clear',
      closed: [
        { id: 'i1', state: 'closed-in-doubt' },
        { id: 'i2', state: 'closed' },
      ],
    });
  });
});

describe('another transfer of ours moved the call', () => {
  const moved = (id: string, at: number, reading = there) =>
    compare({ id: 't-1', intents: [inDoubt], movedBy: { id, at } }, reading, AT, VOICE).found;

  test('after the intent: where the call stands proves nothing', () => {
    expect(moved('t-2', AT + 1)).toBe('unknown');
    expect(moved('t-2', AT)).toBe('unknown');
  });

  test('before the intent: what came after it was ours', () => {
    expect(moved('t-2', AT - 1)).toBe('happened');
  });

  test('it was this transfer itself', () => {
    expect(moved('t-1', AT + 1)).toBe('happened');
  });
});

describe('a call is where it was', () => {
  const asConsult: Placement = { transferType: 'consult', target: sales };
  const halfKnown: Placement = { transferType: 'blind' };
  const users: Placement = { transferType: 'blind', target: { type: 'user', id: 'sales' } };
  test.each<[string, Placement, Placement, boolean]>([
    ['at the same target', atSales, atSales, true],
    ['at the same target by another type of transfer', atSales, asConsult, false],
    ['at a target of another type with the same id', atSales, users, false],
    ['its target is told no more', atSales, halfKnown, false],
    ['its target was not told before', halfKnown, atSales, false],
    ['its target was told neither before nor now', halfKnown, halfKnown, true],
    ['it was transferred, where to is not told', {}, halfKnown, false],
  ])('%s', (_, before, placement, isSame) => {
    const reading = call({ etag: '"2"', placement });
    expect(found([{ ...refused, before }], reading, AT).found).toBe(isSame ? 'clear' : 'moved-by-another');
  });

  test('that is proof, unless it changed and its target cannot be read', () => {
    const at = (placement: Placement, etag: string) =>
      found([{ ...inDoubt, before: placement }], call({ etag, placement }), PROVEN);
    expect(at(atSales, '"2"').found).toBe('clear');
    expect(at(halfKnown, '"1"').found).toBe('clear');
    expect(at(halfKnown, '"2"')).toMatchObject({
      found: 'unknown',
      rule: 'the call changed, and its target cannot be read',
      intent: { id: 'i1' },
    });
  });
});

test('the rule tells an intent that did not happen from none', () => {
  expect(found([], unmoved, AT)).toMatchObject({ rule: 'no intent is open' });
  expect(found([inDoubt], unmoved, PROVEN)).toMatchObject({ rule: 'the open intent did not happen' });
});

test('comparing changes nothing of what it is given', () => {
  const intents = [inDoubt, { ...refused, id: 'i2' }];
  const copy = structuredClone(intents);
  for (const reading of [unmoved, touched, there, elsewhere, hungUp, down]) found(intents, reading, PROVEN);
  expect(intents).toEqual(copy);
});

import { expect, test } from 'vitest';
import { endOf, expectedEnd, isMet, isRight } from './judge.ts';
import type { ScenarioTold } from './sandbox.ts';

const closed: ScenarioTold = {
  ...{ scenario: 'queue-closed', description: 'a', handling: 'b' },
  expected: { status: 'transferred', isFallback: true },
  withoutFallback: { status: 'rejected', reason: 'target-unavailable' },
};
const voice = { transferType: 'blind', hasFallback: true, dialect: 'voice' } as const;

test('what is expected depends on the fallback, and a consult on the dialect', () => {
  expect(expectedEnd(closed, voice)).toEqual(closed.expected);
  expect(expectedEnd(closed, { ...voice, hasFallback: false })).toEqual(closed.withoutFallback);
  expect(expectedEnd(closed, { ...voice, transferType: 'consult' })).toEqual(closed.expected);
  const consult = { ...voice, transferType: 'consult', dialect: 'platform' } as const;
  expect(expectedEnd(closed, consult)).toEqual({ status: 'rejected', reason: 'needs-user-token' });
  expect(expectedEnd(undefined, voice)).toBeUndefined();
});

test('an expectation is met by the same end only', () => {
  const moved = endOf({ status: 'transferred', target: { type: 'queue', id: 'a' } });
  const toFallback = endOf({ status: 'transferred', isFallback: true });
  const ended = endOf({ status: 'rejected', reason: 'call-ended', detail: 'gone' });
  expect([moved, toFallback, ended]).toEqual([
    { status: 'transferred', isFallback: false },
    { status: 'transferred', isFallback: true },
    { status: 'rejected', reason: 'call-ended' },
  ]);
  for (const one of [moved, toFallback, ended])
    for (const other of [moved, toFallback, ended]) expect(isMet(one, other)).toBe(one === other);
  expect(isMet(undefined, moved)).toBe(false);
  expect(isMet(moved, null)).toBe(false);
});

test.each([
  ['moved', { status: 'transferred', isFallback: false }],
  ['moved-to-fallback', { status: 'transferred', isFallback: true }],
  ['refused', { status: 'rejected', reason: 'call-ended' }],
  ['failed', { status: 'expired' }],
  ['failed', null],
] as const)('%s is right for %j', (prediction, ended) => {
  for (const one of ['moved', 'moved-to-fallback', 'refused', 'failed'] as const)
    expect(isRight(one, ended)).toBe(one === prediction);
});

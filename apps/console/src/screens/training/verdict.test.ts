import { expect, test } from 'vitest';
import { handlingOf, predictionOf } from './verdict.ts';

const ENDED = { status: 'rejected', reason: 'call-ended' } as const;
const MOVED = { status: 'transferred', isFallback: false } as const;

test('a call that rightly was not moved is a success, as one that was', () => {
  expect(handlingOf({ met: true, expected: ENDED, ended: ENDED })).toMatchObject({
    tone: 'good',
    title: 'Success: rightly, nothing was moved',
    detail: expect.stringContaining('the call had already ended'),
  });
  expect(handlingOf({ met: true, expected: MOVED, ended: MOVED })).toMatchObject({
    tone: 'good',
    title: 'Success: the call was moved',
  });
});

test('what ended otherwise, in no time, or cannot be judged is told as that', () => {
  expect(handlingOf({ met: false, expected: MOVED, ended: ENDED })).toMatchObject({
    tone: 'bad',
    detail: 'It should have ended as “Moved”. It ended as “Refused: the call had already ended”.',
  });
  expect(handlingOf({ met: false, expected: MOVED, ended: null })).toMatchObject({ badge: 'no outcome' });
  expect(handlingOf({ met: false, ended: MOVED })).toMatchObject({ tone: 'quiet' });
});

test('a prediction is right, not right, or was not made', () => {
  const asItShould = { met: true, expected: ENDED, ended: ENDED };
  expect(predictionOf({ ...asItShould, predicted: 'refused', predictionMet: true })).toMatchObject({
    tone: 'good',
    detail: 'Predicted: “Refused”. It ended as “Refused: the call had already ended”.',
  });
  expect(predictionOf({ ...asItShould, predicted: 'moved', predictionMet: false }).tone).toBe('waiting');
  const unjudged = { predicted: 'failed', predictionMet: true, met: false, ended: null } as const;
  expect(predictionOf(unjudged).detail).toMatch('no outcome');
  expect(predictionOf({ ...unjudged, ended: MOVED }).badge).toBe('right');
  expect(predictionOf({ met: true, ended: MOVED })).toMatchObject({ tone: 'quiet', badge: 'none' });
});

test('a prediction does not count where Handover did not do what it should', () => {
  const wrong = { met: false, expected: MOVED, ended: ENDED } as const;
  for (const predictionMet of [true, false])
    expect(predictionOf({ ...wrong, predicted: 'refused', predictionMet })).toMatchObject({
      tone: 'quiet',
      badge: 'not counted',
    });
});

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
  expect(predictionOf({ predicted: 'refused', predictionMet: true, ended: ENDED })).toMatchObject({
    tone: 'good',
    detail: 'Predicted: “Refused”. It ended as “Refused: the call had already ended”.',
  });
  expect(predictionOf({ predicted: 'moved', predictionMet: false, ended: ENDED }).tone).toBe('waiting');
  expect(predictionOf({ predicted: 'failed', predictionMet: true, ended: null }).detail).toMatch(
    'No outcome',
  );
  expect(predictionOf({ ended: MOVED })).toMatchObject({ tone: 'quiet', badge: 'none' });
});

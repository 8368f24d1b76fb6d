import { expect, test } from 'vitest';
import { doneWords, subjectOf } from './entry.ts';

const ID = '8fc2ae27-eddc-45f8-b3f8-857111caf8b5';

test.each([
  ['replay', ID, 'transfer'],
  ['cancel', ID, 'transfer'],
  // A dead letter of billing.
  ['replay', 'events:17', 'other'],
  ['replay-many', ID, 'action'],
  ['stop', ID, 'action'],
  ['pause', 'transfers', 'other'],
  ['send-callback', ID, 'other'],
] as const)('%s of %s is about a %s', (action, thing, kind) => {
  expect(subjectOf({ action, thing })).toEqual({ kind, id: thing });
});

test('an action that is new here is told by its name', () => {
  expect(doneWords('pause')).toBe('Paused');
  expect(doneWords('unheard-of' as 'pause')).toBe('unheard-of');
});

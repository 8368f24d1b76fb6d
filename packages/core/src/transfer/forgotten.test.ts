import { expect, test } from 'vitest';
import { mayBeForgotten } from './forgotten.ts';
import type { TransferRecord } from './words.ts';

const record = {
  ...{ recovery: { since: 1, unsure: false }, replayed: false, intents: [] },
} as unknown as TransferRecord;

test.each([
  [{ shadow: false, recoveryPolicy: 'hold' }, true],
  [{ shadow: false, recoveryPolicy: 'send' }, false],
  [{ shadow: true, recoveryPolicy: 'hold' }, false],
] as const)('an intent may be part of what Redis lost: with %j %s', (policy, expected) => {
  expect(mayBeForgotten(record, policy)).toBe(expected);
});

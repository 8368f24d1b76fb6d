import { expect, test } from 'vitest';
import type { DialectParts } from '../dialect.ts';
import { platform } from './dialect.ts';

// Nothing is asked of the platform here.
const parts = { userTtlMs: 0, queueTtlMs: 0 } as DialectParts;

test.each([
  [undefined, [1_500, 3_000]],
  [100, [15, 30]],
])('with the speed %s the end of an accepted transfer is first looked for after %j ms', (speed, gaps) => {
  const { timing } = platform.connect({ ...parts, speed }).transfers;
  expect(timing.confirm.gapsMs.slice(0, 2)).toEqual(gaps);
});

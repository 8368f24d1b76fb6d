import { expect, test } from 'vitest';
import { RequestLog } from './request-log.ts';

test('the last 100,000 requests are kept, the counts are exact', () => {
  const log = new RequestLog(() => 0);
  for (let number = 0; number < 200_001; number += 1) log.begin('call', 'c', undefined);
  const kept = log.entries();
  expect(kept).toHaveLength(100_000);
  expect([kept[0]?.seq, kept.at(-1)?.seq]).toEqual([100_002, 200_001]);
  expect(log.counts().call).toBe(200_001);
});

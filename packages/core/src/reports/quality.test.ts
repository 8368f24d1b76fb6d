import { expect, test } from 'vitest';
import { rejectionReasons } from '../transfer/words.ts';
import { qualityOf } from './quality.ts';

test('without any transfer all rates are 0 and every reason is there', () => {
  const report = qualityOf({});
  expect(report).toMatchObject({ successful: 0, failed: 0, successRate: 0, fallbackRate: 0 });
  expect(report.rejections).toEqual(Object.fromEntries(rejectionReasons.map((reason) => [reason, 0])));
});

test.each([
  [
    { transferred: 1, failed: 2 },
    { totalTransfersAttempted: 3, successRate: 33.33 },
  ],
  [
    { transferred: 2, failed: 1, fallbackUsed: 1 },
    { successRate: 66.67, fallbackRate: 50 },
  ],
  [
    { transferred: 1, failed: 1, expired: 2 },
    { failed: 3, expired: 2, successRate: 25 },
  ],
  [{ failed: 4 }, { successful: 0, successRate: 0, fallbackRate: 0 }],
  [
    { transferred: 5, rejected: 9, cancelled: 3 },
    { totalTransfersAttempted: 5, successRate: 100, rejected: 9 },
  ],
  [{ rejected: 2, 'rejected:forbidden': 2 }, { rejections: expect.objectContaining({ forbidden: 2 }) }],
])('of %j it says %j', (counts, expected) => {
  expect(qualityOf(counts as Record<string, number>)).toMatchObject(expected);
});

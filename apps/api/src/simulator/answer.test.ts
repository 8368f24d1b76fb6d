import type { Outcome, StoredTransfer } from '@handover/core/transfer';
import { expect, test } from 'vitest';
import { Problem } from '../http/problems.ts';
import { simulatorAnswer } from './answer.ts';

function transferThat(outcome: Outcome | null): StoredTransfer {
  return {
    record: { outcome } as StoredTransfer['record'],
    timeline: [{ at: 0, step: 'accepted', by: 'apiKey:anonymous' }],
  };
}

function problemOf(outcome: Outcome | null): Problem {
  try {
    simulatorAnswer(transferThat(outcome), undefined);
  } catch (error) {
    if (error instanceof Problem) return error;
  }
  throw new Error('it is no problem');
}

test.each<[Outcome, number]>([
  [{ status: 'rejected', reason: 'not-permitted' }, 403],
  [{ status: 'rejected', reason: 'call-is-private' }, 403],
  [{ status: 'rejected', reason: 'forbidden' }, 403],
  [{ status: 'rejected', reason: 'needs-user-token' }, 403],
  [{ status: 'rejected', reason: 'call-moved' }, 409],
  [{ status: 'failed', reason: 'conflict' }, 409],
  [{ status: 'rejected', reason: 'call-ended' }, 500],
  [{ status: 'rejected', reason: 'target-unavailable' }, 500],
  [{ status: 'rejected', reason: 'refused-by-platform' }, 500],
  [{ status: 'failed', reason: 'platform-unavailable' }, 500],
  [{ status: 'failed', reason: 'workers-lost' }, 500],
  [{ status: 'expired' }, 500],
  [{ status: 'cancelled' }, 500],
])('%j is answered with %s, its reason and the timeline', (outcome, status) => {
  const problem = problemOf(outcome);
  expect(problem.status).toBe(status);
  expect(problem.extras).toMatchObject({
    reason: outcome.reason ?? outcome.status,
    timeline: [{ step: 'accepted', at: '1970-01-01T00:00:00.000Z' }],
  });
});

test('without an outcome, or without the transfer, it took too long', () => {
  expect(problemOf(null)).toMatchObject({ status: 500, code: 'simulated-transfer-failed' });
  expect(() => simulatorAnswer(undefined, undefined)).toThrow(/at most 30 seconds/);
});

test('a moved call is told with its target', () => {
  const target = { type: 'queue', id: 'q' } as const;
  expect(
    simulatorAnswer(transferThat({ status: 'transferred', target, isFallback: true }), undefined),
  ).toMatchObject({
    status: 'transferred',
    target,
    isFallback: true,
  });
});

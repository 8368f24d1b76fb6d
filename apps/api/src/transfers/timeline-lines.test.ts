import type { StoredTransfer, TimelineEntry } from '@handover/core/transfer';
import { expect, test } from 'vitest';
import { timelineLines } from './timeline-lines.ts';

function linesOf(entry: Partial<TimelineEntry>, request: object = {}): string {
  const asked = {
    callId: 'call-4711',
    userId: 'agent-smith',
    target: { type: 'queue', id: 'sales' },
    ...request,
  };
  const transfer = {
    record: { request: asked },
    timeline: [{ at: 0, step: 'sent', by: 'worker:w1', ...entry }],
  } as unknown as StoredTransfer;
  return timelineLines(transfer).join('\n');
}

test('an entry is one line with time, step, decision, rule, requests and duration', () => {
  expect(
    linesOf({
      attempt: 2,
      decided: 'moved',
      rule: 'the platform answered 2xx',
      requests: [
        { operation: 'readCall', status: 200, ms: 3 },
        { operation: 'transfer', status: null, ms: 40 },
      ],
      ms: 45,
    }),
  ).toBe(
    '1970-01-01T00:00:00.000Z #2 sent → moved (the platform answered 2xx) [readCall 200 3 ms, transfer no answer 40 ms] 45 ms by worker:w1',
  );
});

test('a wait that stands for many says how many, and since when', () => {
  expect(linesOf({ step: 'waiting', rule: 'rate limited', times: 412, since: 5_000 })).toBe(
    '1970-01-01T00:00:00.000Z waiting (rate limited) 412 times since 1970-01-01T00:00:05.000Z by worker:w1',
  );
});

test.each([
  ['agent-smith may not move call-4711', '…th may not move …11'],
  ['send to queue sales', 'send to queue sales'],
  ['call-47110 and xagent-smith are others', 'call-47110 and xagent-smith are others'],
])('%j shows as %j', (detail, shown) => {
  expect(linesOf({ detail })).toContain(` ${shown} `);
});

test('a user as the target is masked, and short ids leave words alone', () => {
  const request = { callId: 'a', target: { type: 'user', id: 'u.1+(2)' } };
  expect(linesOf({ detail: 'a call to u.1+(2) was started' }, request)).toContain(
    '… call to …2) was started',
  );
});

import { describe, expect, test } from 'vitest';
import { recordOf } from './tell.testing.ts';
import { type Told, tell } from './tell.ts';
import {
  failureReasons,
  type Outcome,
  outcomeStatuses,
  reasons,
  rejectionReasons,
  type TimelineEntry,
  type TransferRecord,
  waitReasons,
} from './words.ts';

const SALES = { type: 'queue', id: 'sales' } as const;
const NIGHT = { type: 'queue', id: 'night' } as const;
const UNTIL = Date.UTC(2026, 10, 27, 14, 3, 5);

const endedAs = (outcome: Outcome, more: Partial<TransferRecord> = {}, timeline?: TimelineEntry[]) =>
  tell({ record: recordOf({ status: outcome.status, outcome, epoch: 1, ...more }), timeline });
const entry = (given: Partial<TimelineEntry>): TimelineEntry => ({
  at: 0,
  step: 'decided',
  by: 'worker:w',
  ...given,
});

test('every outcome and every reason is one sentence with an end', () => {
  for (const status of outcomeStatuses)
    for (const reason of [undefined, ...reasons]) {
      const story = endedAs({ status, reason });
      expect(story, `${status}: ${reason}`).toMatch(/^[A-Z].*[^.]\.$/s);
      expect(story).not.toMatch(/undefined|null|NaN/);
    }
});

test('each reason of a rejection and of a failure has words of its own', () => {
  const stories = [
    ...rejectionReasons.map((reason) => endedAs({ status: 'rejected', reason })),
    ...failureReasons.map((reason) => endedAs({ status: 'failed', reason })),
  ];
  expect(new Set(stories).size).toBe(rejectionReasons.length + failureReasons.length);
});

describe('an outcome', () => {
  test.each<[string, Outcome]>([
    ['The call was moved to queue sales.', { status: 'transferred', target: SALES, confirmedBy: 'answer' }],
    [
      'The call was moved to queue sales, as a later reading of the call showed.',
      { status: 'transferred', target: SALES, confirmedBy: 'reading' },
    ],
    [
      'The call was moved to queue sales, as an event from Genesys showed.',
      { status: 'transferred', target: SALES, confirmedBy: 'event' },
    ],
    [
      'The call was moved to queue sales, as an operator has confirmed (seen in the queue).',
      { status: 'transferred', target: SALES, confirmedBy: 'operator', detail: 'seen in the queue' },
    ],
    ['The call was moved.', { status: 'transferred' }],
    [
      'The call was not moved: agent ann may not transfer calls (lacks conversation:call:transfer).',
      { status: 'rejected', reason: 'not-permitted', detail: 'lacks conversation:call:transfer' },
    ],
    [
      'The call was not moved: queue sales did not take it (target is closed).',
      { status: 'rejected', reason: 'target-unavailable', detail: 'target is closed' },
    ],
    [
      'The call was not moved: Genesys kept failing until all retries were used up.',
      { status: 'failed', reason: 'platform-unavailable' },
    ],
    [
      'The call was not moved: its deadline, 2026-11-27 14:15:00 UTC, passed before it could be sent (rate limited).',
      { status: 'expired', detail: 'rate limited' },
    ],
    ['The call was not moved: the transfer was cancelled before anything was sent.', { status: 'cancelled' }],
    [
      'Nothing was sent, in shadow mode: the call would have been moved to queue night, the fallback.',
      { status: 'cancelled', reason: 'shadow', target: NIGHT, isFallback: true },
    ],
  ])('%s', (story, outcome) => {
    expect(endedAs(outcome)).toBe(story);
  });

  test('of a fallback says why, in more words with the timeline', () => {
    const outcome: Outcome = {
      status: 'transferred',
      target: NIGHT,
      isFallback: true,
      confirmedBy: 'answer',
    };
    expect(endedAs(outcome)).toBe(
      'The call was moved to queue night, the fallback, because queue sales did not take the call.',
    );
    const timeline = [entry({ rule: 'target is closed', decided: 'send to queue night (fallback)' })];
    expect(endedAs(outcome, {}, timeline)).toBe(
      'The call was moved to queue night, the fallback, because queue sales is closed.',
    );
  });

  test('that expired names what it waited for, or that no worker began', () => {
    const timeline = [entry({ step: 'waiting', rule: 'budget used up' }), entry({ step: 'outcome' })];
    expect(endedAs({ status: 'expired' }, {}, timeline)).toContain('could be sent (budget used up).');
    expect(endedAs({ status: 'expired' }, { epoch: 0 })).toContain('passed before a worker could begin.');
  });

  test('that was cancelled names who did it, with the timeline', () => {
    const timeline = [entry({ step: 'outcome', by: 'apiKey:crm' })];
    expect(endedAs({ status: 'cancelled' }, {}, timeline)).toContain('cancelled by apiKey:crm before');
  });

  test('that proved wrong says so', () => {
    expect(endedAs({ status: 'rejected', reason: 'call-ended' }, { contradictedAt: UNTIL })).toBe(
      'The call was not moved: it had already ended, but at 2026-11-27 14:03:05 UTC it proved to have been moved after all.',
    );
  });

  test('of a job without a request', () => {
    expect(endedAs({ status: 'failed', reason: 'unreadable-job' }, { request: null })).toBe(
      'The call was not moved: its job could not be read.',
    );
  });
});

describe('an open transfer', () => {
  const open = (more: Partial<TransferRecord>, waiting?: Told['waiting'], timeline?: TimelineEntry[]) =>
    tell({ record: recordOf(more), waiting, timeline });

  test('says what it waits for, in words of its own for each reason', () => {
    const stories = waitReasons.map((reason) => open({}, { reason, until: UNTIL }));
    expect(new Set(stories).size).toBe(waitReasons.length);
    for (const story of stories) expect(story).toMatch(/queue sales.*\.$/i);
    for (const reason of waitReasons.filter((one) => one !== 'turn' && one !== 'paused'))
      expect(open({}, { reason, until: UNTIL }), reason).toContain('2026-11-27 14:03:05 UTC');
  });

  test.each<[string, Partial<TransferRecord>, Told['waiting']?]>([
    ['A worker is moving the call to queue sales.', { status: 'active' }],
    [
      'A worker is checking whether the call was moved to queue sales.',
      { status: 'active', intents: [{ target: SALES, state: 'in-doubt' }] as never },
    ],
    [
      'The move to queue sales did not succeed yet (Genesys failed 2 times) and is tried again at 2026-11-27 14:03:05 UTC.',
      { serverErrors: 2 },
      { reason: 'retry', until: UNTIL },
    ],
    [
      'It is not known yet whether the call was moved to queue night: it is read again at 2026-11-27 14:03:05 UTC, and if it was not, the transfer ends as expired.',
      { intents: [{ target: NIGHT, state: 'in-doubt' }] as never, verdict: { status: 'expired' } },
      { reason: 'proof', until: UNTIL },
    ],
    [
      'The consult with queue sales is being ended; then the transfer ends as rejected (target-unavailable).',
      { verdict: { status: 'rejected', reason: 'target-unavailable' } },
      { reason: 'consult', until: UNTIL },
    ],
    [
      'The call waits for a worker to move it to queue sales, after a replay.',
      { replayed: true },
      { reason: 'turn' },
    ],
    [
      'It is not known whether the call was moved to queue sales: an operator must look and say so.',
      { parked: true },
      { reason: 'confirmation' },
    ],
    [
      'It is not known whether the call was moved to queue sales, since Redis may have lost the record of it: an operator must look and say so.',
      { parked: true, held: { from: 1 } },
      { reason: 'confirmation' },
    ],
  ])('%s', (story, record, waiting) => {
    expect(open(record, waiting)).toBe(story);
  });

  test('with the timeline it says why it waits', () => {
    const timeline = [entry({ step: 'waiting', rule: 'rate limited: transfers a minute' })];
    expect(open({}, { reason: 'hold-off', until: UNTIL }, timeline)).toContain(
      '(rate limited: transfers a minute)',
    );
  });
});

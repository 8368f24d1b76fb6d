import type { TimelineEntry } from '@handover/client';
import { expect, test } from 'vitest';
import { factsOf, msSince, withDurations } from './facts.ts';
import { tellStep } from './step-words.ts';

const AT = '2026-11-28T03:13:35.651Z';
const entry = (step: TimelineEntry['step'], more: Partial<TimelineEntry> = {}): TimelineEntry => ({
  ...{ at: AT, by: 'worker:w', step },
  ...more,
});
const answered = (status: number | null) => [{ operation: 'transfer', status, ms: 5 }];

test.each<[TimelineEntry, string, RegExp]>([
  [entry('accepted'), 'Handover accepts the transfer', /even if every process dies/],
  [
    entry('decided', { rule: 'target open', decided: 'send to queue desk' }),
    'It decides: send to queue desk',
    /open/,
  ],
  [
    entry('decided', { rule: 'private call', decided: 'end' }),
    'It decides: do not move the call',
    /never moved/,
  ],
  [entry('sent', { requests: answered(200), decided: 'moved' }), 'It sends the move: moved', /at most once/],
  [entry('sent', { requests: answered(null) }), 'It sends the move: no answer', /could move the call twice/],
  [entry('sent', { requests: answered(409) }), 'It sends the move: 409, the call has changed', /refused it/],
  [entry('sent', { requests: answered(503) }), 'It sends the move: 503, Genesys has trouble', /unknown/],
  [
    entry('sent', { requests: answered(202), decided: 'accepted' }),
    'It sends the move: accepted',
    /at most once/,
  ],
  [entry('sent', { requests: answered(400) }), 'It sends the move: Genesys answers 400', /refused it/],
  [entry('waiting', { rule: 'the platform accepted the request' }), 'It waits', /Accepted is not moved/],
  [entry('intent', { evidence: { sends: 2 } }), 'It notes that it sends once more', /same note/],
  [
    entry('outcome', { rule: 'call ended', decided: 'rejected: call-ended' }),
    'The end: refused, the call had already ended',
    /nothing left to move/,
  ],
])('%j is told as %s', (told, title, why) => {
  const found = tellStep(told, []);
  expect(found.title).toBe(title);
  expect(found.why).toMatch(why);
});

test('a rule without plain words stands for itself', () => {
  expect(tellStep(entry('decided', { rule: 'a new rule', decided: 'end' }), [])).toMatchObject({
    ...{ why: '', rule: 'a new rule' },
  });
});

test('a second start is told as one', () => {
  expect(tellStep(entry('started'), [entry('started'), entry('sent')])).toMatchObject({
    title: 'A worker takes it up again',
    why: expect.stringContaining('Something was sent before'),
  });
});

test('facts are texts, times are durations', () => {
  const target = { type: 'queue', id: 'desk' };
  const facts = factsOf(
    entry('sent', {
      ...{ evidence: { target, sends: 1 }, ageMs: 1014, requests: answered(null) },
      ...{ decided: 'unconfirmed until 2026-11-28T03:13:36.001Z' },
    }),
  );
  expect(facts).toEqual([
    ['Target', 'queue desk'],
    ['Sent with this note', '1'],
    ['Oldest reading', '1.0 s old, from the cache'],
    ['Then', 'unconfirmed for 350 ms'],
    ['Asked of Genesys', 'transfer without an answer (5 ms)'],
  ]);
  expect(withDurations('hold off until 2026-13-99T00:00:00Z', AT)).toBe(
    'hold off until 2026-13-99T00:00:00Z',
  );
  expect(msSince(undefined, entry('read'))).toBe(0);
});

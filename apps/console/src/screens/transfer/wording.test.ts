import type { TimelineEntry } from '@handover/client';
import { expect, it } from 'vitest';
import { detailOf, evidenceWords, listOf, titleOf } from './wording.ts';

const entry = (more: Partial<TimelineEntry>): TimelineEntry => ({
  at: '2026-11-20T10:00:00.000Z',
  by: 'worker:w',
  step: 'read',
  ...more,
});

it('names each step in words', () => {
  const told: [Partial<TimelineEntry>, string][] = [
    [{ step: 'started', attempt: 2 }, 'Run 2 began'],
    [{ evidence: { agent: 'may', call: 'connected', target: 'open' } }, 'Read agent, call and target'],
    [{ step: 'decided', decided: 'send to queue sales' }, 'Decided: send to queue sales'],
    [{ step: 'sent', detail: 'no answer: ECONNRESET' }, 'Sent, but: no answer: ECONNRESET'],
    [{ step: 'sent', decided: 'moved' }, 'Sent: moved'],
    [{ step: 'waiting', decided: 'hold off', times: 7 }, 'Waited 7 times in a row: hold off'],
  ];
  for (const [more, title] of told) expect(titleOf(entry(more))).toBe(title);
});

it('does not say twice what the title or the rule says', () => {
  expect(detailOf(entry({ step: 'sent', detail: 'no answer' }))).toBeUndefined();
  expect(detailOf(entry({ step: 'outcome', rule: 'r', detail: 'r' }))).toBeUndefined();
  expect(detailOf(entry({ step: 'outcome', rule: 'r', detail: 'd' }))).toBe('d');
});

it('shows evidence in a line', () => {
  expect(evidenceWords('open')).toBe('open');
  expect(evidenceWords({ type: 'queue', id: 'sales' })).toBe('queue sales');
  expect(evidenceWords(1)).toBe('1');
  expect(evidenceWords({ a: [1] })).toBe('{"a":[1]}');
});

it('lists words', () => {
  expect(listOf([])).toBe('nothing');
  expect(listOf(['a', 'b', 'c'])).toBe('a, b and c');
});

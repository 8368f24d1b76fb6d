import type { TimelineEntry } from '@handover/client';
import { expect, test } from 'vitest';
import { placesOf, placesShown } from './place.ts';

const entry = (step: TimelineEntry['step'], more: Partial<TimelineEntry> = {}): TimelineEntry => ({
  ...{ at: '2026-11-28T03:13:38.490Z', by: 'worker:w', step },
  ...more,
});
const sent = (status: number | null, decided?: string) =>
  entry('sent', {
    requests: [{ operation: 'transfer', status, ms: 1 }],
    ...(decided !== undefined && { decided }),
  });
const TO_DESK = entry('decided', { decided: 'send to queue desk' });
const last = (timeline: TimelineEntry[]) => placesOf(timeline).at(-1);

test('a call is with its agent until it was moved', () => {
  expect(placesOf([entry('accepted'), TO_DESK, entry('intent'), sent(200, 'moved')])).toEqual([
    ...['agent', 'agent', 'agent', 'target'],
  ]);
});

test('it goes to the fallback where that was decided', () => {
  const decided = entry('decided', { decided: 'send to queue night (fallback)' });
  expect(last([decided, sent(200, 'moved')])).toBe('fallback');
});

test('after a lost answer it is not known, until a reading shows it', () => {
  expect(placesOf([TO_DESK, sent(null), entry('read'), entry('compared', { decided: 'happened' })])).toEqual([
    ...['agent', 'unknown', 'unknown', 'target'],
  ]);
  expect(last([TO_DESK, sent(503), entry('compared', { decided: 'not-yet' })])).toBe('unknown');
  expect(last([TO_DESK, sent(409), entry('compared', { decided: 'clear' })])).toBe('agent');
  expect(last([TO_DESK, sent(503), entry('compared', { decided: 'moved-by-another' })])).toBe('elsewhere');
});

test('a request that was held off moves nothing', () => {
  expect(last([TO_DESK, sent(429), entry('waiting')])).toBe('agent');
});

test('a caller who hung up is gone, though nothing was moved', () => {
  const read = entry('read', { evidence: { call: 'disconnected, version "2"' } });
  const clear = entry('compared', { decided: 'clear' });
  const outcome = entry('outcome', { decided: 'rejected: call-ended' });
  expect(placesOf([TO_DESK, sent(409), read, clear, outcome])).toEqual([
    ...['agent', 'unknown', 'ended', 'ended', 'ended'],
  ]);
});

test('only places that were possible are shown', () => {
  expect(placesShown(['agent', 'unknown'], { hasFallback: false })).toEqual(['agent', 'unknown', 'target']);
  expect(placesShown(['agent'], { hasFallback: true })).toEqual(['agent', 'target', 'fallback']);
});

import type { TimelineEntry } from '@handover/client';
import { expect, it } from 'vitest';
import { billRangeOf } from './bill-range.ts';

const entry = (step: TimelineEntry['step'], clock: string): TimelineEntry => ({
  at: `2026-11-20T${clock}.000Z`,
  by: 'worker:w',
  step,
});
const timeline = [entry('accepted', '09:00:00'), entry('intent', '10:00:00'), entry('outcome', '10:05:00')];

it('spans the sendings and the end, and what clocks may differ', () => {
  expect(billRangeOf({ outcome: { status: 'transferred' }, timeline })).toEqual({
    from: '2026-11-20T09:59:00.000Z',
    to: '2026-11-20T10:06:00.000Z',
  });
});

it('is there for one that happened after all', () => {
  const contradicted = [...timeline, entry('contradicted', '10:10:00')];
  expect(billRangeOf({ outcome: { status: 'failed' }, timeline: contradicted })?.to).toContain('10:11');
});

it('is not there for one that moved nothing', () => {
  expect(billRangeOf({ outcome: { status: 'failed' }, timeline })).toBeUndefined();
  expect(billRangeOf({ outcome: null, timeline })).toBeUndefined();
});

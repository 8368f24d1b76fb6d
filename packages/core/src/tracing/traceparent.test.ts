import { expect, test } from 'vitest';
import { formatTraceparent, parseTraceparent, traceIdOf } from './traceparent.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

test('what is written can be read', () => {
  for (const traceFlags of [0, 1])
    expect(parseTraceparent(formatTraceparent({ traceId: TRACE, spanId: SPAN, traceFlags }))).toEqual({
      traceId: TRACE,
      spanId: SPAN,
      traceFlags,
    });
  expect(traceIdOf(`00-${TRACE}-${SPAN}-01`)).toBe(TRACE);
});

test('a later version counts as far as this one knows it, and unknown flags are dropped', () => {
  expect(parseTraceparent(`01-${TRACE}-${SPAN}-03-more`)).toMatchObject({ traceId: TRACE, traceFlags: 1 });
});

test.each([
  ['nothing', undefined],
  ['two headers', [`00-${TRACE}-${SPAN}-01`]],
  ['an empty one', ''],
  ['a forbidden version', `ff-${TRACE}-${SPAN}-01`],
  ['more than version 00 has', `00-${TRACE}-${SPAN}-01-more`],
  ['a trace of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
  ['a span of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
  ['capitals', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
  ['one that goes on in a new line', `00-${TRACE}-${SPAN}-01\n`],
])('%s is none', (_, value) => {
  expect(parseTraceparent(value)).toBeUndefined();
});

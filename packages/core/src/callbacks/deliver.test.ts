import { expect, test } from 'vitest';
import type { Delivery } from '../transfer/callback-words.ts';
import { afterTry, CALLBACK_GAPS, TRIED_FOR_MS } from './deliver.ts';
import type { ReceiverAnswer } from './ports.ts';

const NEW: Delivery = {
  ...{ id: 't_1', type: 'transfer.ended', at: 0, giveUpAt: TRIED_FOR_MS, nextAt: 0 },
  ...{ state: 'waiting', tried: 0, tries: [] },
};
const FAILED: ReceiverAnswer = { is: 'failed', status: 503, why: 'it answered 503', ms: 1, ofAll: true };
const ports = { gaps: CALLBACK_GAPS, random: () => 0 };

/** Each try as soon as it is due, until the callback has ended. */
function untilTheEnd(random: () => number) {
  let callback = NEW;
  const times: number[] = [];
  while (callback.state === 'waiting') {
    const at = callback.nextAt;
    times.push(at);
    callback = afterTry(callback, { answer: FAILED, at, answeredAt: at }, { ...ports, random });
  }
  return { callback, times };
}

test.each([0, 0.999])(
  'it is tried for a day with growing delays, the last time at the end of it',
  (random) => {
    const { callback, times } = untilTheEnd(() => random);
    expect(times[0]).toBe(0);
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(gaps[0]).toBeGreaterThanOrEqual(5_000);
    expect(gaps[0]).toBeLessThanOrEqual(6_000);
    expect(times.at(-1)).toBe(TRIED_FOR_MS);
    for (const [index, gap] of gaps.slice(1, -1).entries())
      expect(gap).toBeGreaterThanOrEqual(gaps[index] ?? 0);
    expect(times.length).toBeGreaterThan(9);
    expect(callback).toMatchObject({ state: 'gave-up', why: 'it answered 503', tried: times.length });
    expect(callback.tries).toHaveLength(10);
  },
);

test('Retry-After is heeded, up to an hour', () => {
  const after = (retryAfterMs: number) =>
    afterTry(NEW, { answer: { ...FAILED, retryAfterMs }, at: 0, answeredAt: 0 }, ports).nextAt;
  expect(after(1)).toBe(5_000);
  expect(after(90_000)).toBe(90_000);
  expect(after(10 ** 12)).toBe(3_600_000);
});

test('a delivery has no reason to show any more', () => {
  const failed = afterTry(NEW, { answer: FAILED, at: 0, answeredAt: 1 }, ports);
  const answer = { is: 'delivered', status: 200, ms: 3 } as const;
  const { why, state, tries } = afterTry(failed, { answer, at: 5_001, answeredAt: 5_004 }, ports);
  expect({ why, state }).toEqual({ why: undefined, state: 'delivered' });
  expect(tries.at(-1)).toEqual({ at: 5_001, ms: 3, status: 200, error: undefined });
});

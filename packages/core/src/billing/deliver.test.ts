import { describe, expect, test } from 'vitest';
import { afterFailure, type DeliveryPolicy, type FailureKind } from './deliver.ts';

const policy: DeliveryPolicy = { retryDelayMs: 5_000, longestDelayMs: 3_600_000, giveUpAfterMs: 86_400_000 };
const SINCE = Date.parse('2026-11-22T10:00:00Z');
const detail = 'the destination answered 503';

type Case = { tries?: number; now?: number; random?: number; kind?: FailureKind; retryAfterMs?: number };

const after = ({ tries = 1, now = SINCE, random = 0, kind = 'trouble', retryAfterMs }: Case) =>
  afterFailure(
    { delivered: false, kind, detail, retryAfterMs },
    { tries, since: SINCE, now, random },
    policy,
  );

describe('the gaps', () => {
  test.each([
    [1, 5_000],
    [2, 10_000],
    [3, 20_000],
    [10, 2_560_000],
    [11, 3_600_000],
    [12, 3_600_000],
    [31, 3_600_000],
    [1_000_000, 3_600_000],
  ])('after try %i it waits %i ms: twice as long each time, until the longest', (tries, inMs) => {
    expect(after({ tries })).toEqual({ do: 'retry', inMs, all: true });
  });

  test.each([
    [1, 0.5, 5_500],
    [1, 0.999_999, 6_000],
    [20, 0.999_999, 4_319_999],
  ])('after try %i the chance %f makes it %i ms: at most a fifth is added', (tries, random, inMs) => {
    expect(after({ tries, random })).toEqual({ do: 'retry', inMs, all: true });
  });

  test.each([
    ['longer than the gap is kept to, and nothing is added', 60_000, 60_000],
    ['longer than the longest gap is cut to that', 7_200_000, 3_600_000],
    ['shorter than the gap changes nothing', 1_000, 5_500],
    ['of nothing changes nothing', 0, 5_500],
    ['that is missing changes nothing', undefined, 5_500],
    ['in parts of a millisecond gives whole ones', 60_000.4, 60_000],
  ])('a Retry-After %s', (_, retryAfterMs, inMs) => {
    expect(after({ random: 0.5, ...(retryAfterMs !== undefined && { retryAfterMs }) })).toEqual({
      ...{ do: 'retry', inMs, all: true },
    });
  });
});

describe('what the failure was', () => {
  test.each<[FailureKind, object]>([
    ['busy', { do: 'retry', inMs: 5_000, all: false }],
    ['misconfigured', { do: 'retry', inMs: 5_000, all: true }],
    ['trouble', { do: 'retry', inMs: 5_000, all: true }],
    ['gone', { do: 'disable', inMs: 5_000 }],
    ['refused', { do: 'give-up', why: detail, all: false }],
  ])('%s decides what follows: %j', (kind, next) => {
    expect(after({ kind })).toEqual(next);
  });

  test('a bill whose destination is gone is never given up', () => {
    const now = SINCE + 10 * policy.giveUpAfterMs;
    expect(after({ kind: 'gone', now })).toMatchObject({ do: 'disable' });
    expect(after({ kind: 'busy', now })).toMatchObject({ do: 'give-up', all: false });
  });
});

describe('giving up', () => {
  test('a final no ends it at the first try, with what the destination said', () => {
    expect(after({ kind: 'refused' })).toEqual({ do: 'give-up', why: detail, all: false });
  });

  test('a final no is final whatever Retry-After says', () => {
    expect(after({ kind: 'refused', retryAfterMs: 1_000 })).toEqual({
      do: 'give-up',
      why: detail,
      all: false,
    });
  });

  test('a next try that would come just in time is made', () => {
    const now = SINCE + policy.giveUpAfterMs - 5_000;
    expect(after({ now })).toEqual({ do: 'retry', inMs: 5_000, all: true });
  });

  test('a next try that would come too late is not waited for: it ends now, with how often it was tried', () => {
    const now = SINCE + policy.giveUpAfterMs - 4_999;
    expect(after({ now, tries: 1 })).toEqual({
      do: 'give-up',
      why: `${detail}; given up after 1 tries`,
      all: true,
    });
    expect(after({ now, tries: 31 })).toMatchObject({ why: `${detail}; given up after 31 tries` });
  });

  test('jitter and Retry-After count when it is asked whether the next try comes too late', () => {
    const now = SINCE + policy.giveUpAfterMs - 5_000;
    expect(after({ now, random: 0.01 })).toMatchObject({ do: 'give-up' });
    expect(after({ now, retryAfterMs: 5_001 })).toMatchObject({ do: 'give-up' });
    expect(after({ retryAfterMs: policy.giveUpAfterMs + 1 })).toMatchObject({ do: 'retry' });
  });

  test('a bill that was not tried for longer than that is given up, however few its tries', () => {
    expect(after({ now: SINCE + 10 * policy.giveUpAfterMs, tries: 2 })).toMatchObject({ do: 'give-up' });
  });

  test('followed to the end, a bill is tried for a whole day and never longer', () => {
    let now = SINCE;
    let tries = 0;
    for (;;) {
      tries += 1;
      const next = after({ tries, now, random: 0.5 });
      if (next.do === 'give-up') break;
      now += next.inMs;
    }
    expect(now - SINCE).toBeLessThanOrEqual(policy.giveUpAfterMs);
    expect(now - SINCE).toBeGreaterThan(policy.giveUpAfterMs - 1.1 * policy.longestDelayMs);
    expect(tries).toBe(31);
  });
});

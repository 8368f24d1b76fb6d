import { describe, expect, test } from 'vitest';
import { type Policy, retryDelayMs, simulatedPolicy, unconfirmedGapMs } from './policy.ts';

const policy: Policy = {
  deadlineMs: 900_000,
  serverErrorRetryDelayMs: 30_000,
  serverErrorMaxRetries: 4,
  conflictMaxRetries: 3,
  settleWindowMs: 20_000,
  resendInWindow: true,
  recoveryMs: 900_000,
  recoveryPolicy: 'hold',
  unconfirmedMaxMs: 3_600_000,
  maxInterruptions: 20,
  shadow: false,
};
const ALMOST_ONE = 0.999_999;

describe('the wait after a server error', () => {
  test.each([
    [1, 30_000],
    [2, 60_000],
    [3, 120_000],
    [4, 240_000],
  ])('the %i. is %i ms, and jitter adds at most a fifth', (n, wait) => {
    expect(retryDelayMs(policy, n, 0)).toBe(wait);
    expect(retryDelayMs(policy, n, 0.5)).toBe(wait * 1.1);
    expect(retryDelayMs(policy, n, ALMOST_ONE)).toBeGreaterThan(wait * 1.19);
    expect(retryDelayMs(policy, n, ALMOST_ONE)).toBeLessThanOrEqual(wait * 1.2);
  });
});

describe('the gap between two readings of what is unconfirmed', () => {
  test('begins at the settle window, doubles, and stops growing', () => {
    const gaps = [0, 1, 2, 3, 4, 5, 50].map((n) => unconfirmedGapMs(policy, n, 0));
    expect(gaps).toEqual([20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000]);
  });

  test('jitter adds at most a fifth', () => {
    expect(unconfirmedGapMs(policy, 0, ALMOST_ONE)).toBeLessThanOrEqual(24_000);
    expect(unconfirmedGapMs(policy, 0, ALMOST_ONE)).toBeGreaterThan(23_800);
  });
});

describe('the policy of the simulator', () => {
  test('waits a hundred times faster, and leaves the deadline and the counts as they are', () => {
    expect(simulatedPolicy(policy, 150)).toEqual({
      ...policy,
      serverErrorRetryDelayMs: 300,
      settleWindowMs: 200,
      unconfirmedMaxMs: 36_000,
    });
  });

  test('leaves nothing to an operator before the run is over', () => {
    expect(simulatedPolicy({ ...policy, unconfirmedMaxMs: 20_000 }, 150).unconfirmedMaxMs).toBe(30_000);
  });

  test('never waits less than a millisecond, or a retry would come at once', () => {
    const quick = { ...policy, serverErrorRetryDelayMs: 3, settleWindowMs: 3, unconfirmedMaxMs: 3 };
    expect(simulatedPolicy(quick, 0)).toMatchObject({
      serverErrorRetryDelayMs: 1,
      settleWindowMs: 1,
    });
  });

  test('keeps the settle window longer than a request may take, so that a proof never comes too early', () => {
    expect(simulatedPolicy(policy, 1_000).settleWindowMs).toBe(1_001);
  });

  test('sends, also in shadow mode: it only reaches the sandbox', () => {
    expect(simulatedPolicy({ ...policy, shadow: true }, 150).shadow).toBe(false);
  });

  test('leaves the policy that it was made from alone', () => {
    const copy = { ...policy };
    simulatedPolicy(policy, 150);
    expect(policy).toEqual(copy);
  });
});

import { traceVoice } from '@handover/core/genesys';
import { type Agent, attempt, type Dialect, type Failure, type Policy } from '@handover/core/transfer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PLAIN } from '../support/dialect.ts';
import { markOf, openTestLane, requestOf, type TestLane, WORKER } from '../support/lane.ts';

let lane: TestLane;
beforeAll(() => {
  lane = openTestLane();
});
afterAll(() => lane.close());

const policy: Policy = {
  ...{ deadlineMs: 900_000, serverErrorRetryDelayMs: 1, serverErrorMaxRetries: 4, conflictMaxRetries: 3 },
  ...{
    settleWindowMs: 20_000,
    resendInWindow: true,
    recoveryMs: 900_000,
    recoveryPolicy: 'hold' as const,
    unconfirmedMaxMs: 3_600_000,
    maxInterruptions: 20,
  },
} as Policy;

/** A platform that answers one operation 429 for the first `times` requests, with an immediately expiring hold-off. */
function platformThatHolds(operation: 'call' | 'transfer', times: number): Dialect {
  let left = times;
  const held = (): Failure => ({ kind: 'held', until: 0, answered: true, rule: 'rate limited' });
  const isHeld = (name: string) => name === operation && left-- > 0;
  const fresh = { ok: true as const, ageMs: 0, requests: [] };
  const agent: Agent = { id: 'agent', mayTransfer: true, why: 'a role' };
  const call = { id: 'c', ended: false, state: 'connected', private: false, placement: {}, mark: markOf() };
  return {
    readAgent: async () => ({ ...fresh, value: agent }),
    readCall: async () =>
      isHeld('call') ? { ok: false, failure: held(), requests: [] } : { ...fresh, value: call },
    readTarget: async () => ({ ...fresh, value: { open: true, state: 'open' } }),
    async move(_command, gate) {
      if (!(await gate())) return { moved: 'shut', requests: [] };
      if (!isHeld('transfer')) return { moved: 'done', requests: [] };
      return { moved: 'failed', gate: 'opened', failure: held(), requests: [] };
    },
    trace: traceVoice,
    ...PLAIN,
  };
}

test.each(['call', 'transfer'] as const)(
  'repeated 429s to the %s request keep the timeline short and do not change the outcome',
  async (operation) => {
    const id = await lane.accept(requestOf());
    const ports = { policy, random: () => 0, signal: new AbortController().signal };
    const platform = platformThatHolds(operation, 40);
    const ends: string[] = [];
    do {
      const report = await attempt({ id, actor: WORKER, records: lane.records, platform, ...ports });
      ends.push(report.next.do);
    } while (ends.at(-1) === 'hold');
    expect(ends).toEqual([...Array.from({ length: 40 }, () => 'hold'), 'done']);

    const found = await lane.store.get(id);
    expect(found?.record).toMatchObject({ status: 'transferred', attempts: 1, epoch: 41 });
    const timeline = found?.timeline ?? [];
    const waits = timeline.filter(({ step }) => step === 'waiting');
    expect(waits.map(({ times = 1 }) => times)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 31]);
    expect(timeline.filter(({ step }) => step === 'started')).toHaveLength(11);
    const last = timeline.slice(timeline.indexOf(waits.at(-1) ?? (timeline[0] as never)) + 1);
    expect(last.map(({ step }) => step)).toEqual(['started', 'read', 'decided', 'intent', 'sent', 'outcome']);
  },
);

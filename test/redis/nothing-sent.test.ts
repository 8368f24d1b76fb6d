import { traceVoice } from '@handover/core/genesys';
import {
  type Agent,
  type Availability,
  attempt,
  type Call,
  type Dialect,
  type Policy,
  type RecordStore,
} from '@handover/core/transfer';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PLAIN } from '../support/dialect.ts';
import { markOf, openTestLane, type TestLane, UPSTREAM, WORKER } from '../support/lane.ts';

/** Failures between the decision and the socket: only a request that may have been sent is "unconfirmed" (docs/rules.md). */
let lane: TestLane;
beforeEach(() => {
  lane = openTestLane();
});
afterEach(() => lane.close());

const REFUSED = 'NOPERM this user has no permissions to access one of the channels used as arguments';

/** A normal store whose fence fails, after or before the write, for these send attempts. */
function brokenFence(real: RecordStore, at: number[], isWritten: boolean): RecordStore {
  let fences = 0;
  return {
    ...real,
    async fence(...args) {
      fences += 1;
      if (!at.includes(fences)) return real.fence(...args);
      if (isWritten) await real.fence(...args);
      throw new Error(REFUSED);
    },
  };
}

/** A healthy platform; `move` passes the gate `gates` times, as after a 401, and then gives this answer. */
function platformThat(gates: number, moved: boolean, sent: string[]): Dialect {
  const ok = <T>(value: T) => Promise.resolve({ ok: true as const, value, ageMs: 0, requests: [] });
  const call: Call = {
    id: 'c',
    ended: false,
    state: 'connected',
    private: false,
    mark: markOf(),
    placement: {},
  };
  return {
    readAgent: () => ok<Agent>({ id: 'agent', mayTransfer: true, why: 'may transfer' }),
    readCall: () => ok(call),
    readTarget: () => ok<Availability>({ open: true, state: 'open' }),
    async move(_command, gate) {
      for (let index = 0; index < gates; index += 1) {
        if (!(await gate())) return { moved: 'shut', requests: [] };
        sent.push('sent');
      }
      if (moved) return { moved: 'done', requests: [] };
      const failure = { kind: 'answered', status: 503, means: 'unwell', code: 'x' } as const;
      return { moved: 'failed', gate: 'opened', failure, requests: [] };
    },
    trace: traceVoice,
    ...PLAIN,
  };
}

const policy: Policy = {
  deadlineMs: 900_000,
  serverErrorRetryDelayMs: 1,
  serverErrorMaxRetries: 4,
  conflictMaxRetries: 3,
  settleWindowMs: 60_000,
  resendInWindow: true,
  recoveryMs: 900_000,
  recoveryPolicy: 'hold',
  unconfirmedMaxMs: 60_000,
  maxInterruptions: 20,
  shadow: false,
};

function run(id: string, records: RecordStore, platform: Dialect, by = policy) {
  const { signal } = new AbortController();
  return attempt({ id, actor: WORKER, records, platform, policy: by, random: () => 0, signal });
}

describe.each([
  ['before it was written', false],
  ['after it was written', true],
])('a fence that fails %s', (_, isWritten) => {
  test('is thrown, and leaves a delayed transfer that can be cancelled', async () => {
    const id = await lane.accept();
    const sent: string[] = [];
    const broken = run(id, brokenFence(lane.records, [1], isWritten), platformThat(1, true, sent));
    await expect(broken).rejects.toThrow(REFUSED);
    expect(sent).toEqual([]);
    const { record, timeline } = (await lane.store.get(id)) ?? {};
    expect(record).toMatchObject({ status: 'delayed', openIntent: '', intents: [], serverErrors: 0 });
    expect(record?.unconfirmedSince).toBe(0);
    expect(timeline?.at(-1)).toMatchObject({ step: 'waiting', rule: `not sent: ${REFUSED}` });
    expect(await lane.redis.smembers(lane.keys.unconfirmed)).toEqual([]);
    const outcome = { status: 'cancelled' } as const;
    const settlement = { guard: 'unsent', outcome, deadLetter: false, actor: UPSTREAM } as const;
    expect(await lane.records.settle(id, settlement, [])).toMatchObject({ settled: true });
  });

  test('does the same after a 401 for the first request', async () => {
    const id = await lane.accept();
    const sent: string[] = [];
    const broken = run(id, brokenFence(lane.records, [2], isWritten), platformThat(2, true, sent));
    await expect(broken).rejects.toThrow(REFUSED);
    expect(sent).toEqual(['sent']);
    expect(await lane.record(id)).toMatchObject({ status: 'delayed', openIntent: '', intents: [] });
  });

  test('keeps the doubt of an earlier request', async () => {
    const id = await lane.accept();
    await run(id, lane.records, platformThat(1, false, []));
    expect(await lane.record(id)).toMatchObject({
      status: 'unconfirmed',
      intents: [{ state: 'in-doubt', sends: 1 }],
    });
    const until = (await lane.record(id)).nextAt;
    await expect.poll(() => lane.now()).toBeGreaterThanOrEqual(until);
    const broken = run(id, brokenFence(lane.records, [1], isWritten), platformThat(1, true, []));
    await expect(broken).rejects.toThrow(REFUSED);
    const record = await lane.record(id);
    expect(record).toMatchObject({ status: 'unconfirmed', intents: [{ state: 'in-doubt' }] });
    expect(record.openIntent).toBe(record.intents[0]?.id);
  });

  test('is thrown even if the record cannot be written', async () => {
    const id = await lane.accept();
    const records = brokenFence(lane.records, [1], isWritten);
    const defer = () => Promise.reject(new Error('READONLY'));
    await expect(run(id, { ...records, defer }, platformThat(1, true, []))).rejects.toThrow(REFUSED);
  });
});

test('an error after the fence leaves doubt: it may have been sent', async () => {
  const id = await lane.accept();
  const platform = platformThat(1, true, []);
  const move: Dialect['move'] = async (_command, gate) => {
    await gate();
    throw new Error('LOADING');
  };
  await expect(run(id, lane.records, { ...platform, move })).rejects.toThrow('LOADING');
  expect(await lane.record(id)).toMatchObject({
    status: 'active',
    intents: [{ state: 'sending', sends: 1 }],
  });
  await run(id, lane.records, platform, { ...policy, resendInWindow: false });
  expect(await lane.record(id)).toMatchObject({ status: 'unconfirmed', intents: [{ state: 'in-doubt' }] });
});

test.each(['settled', 'taken-over', 'past-deadline', 'intent-open'] as const)(
  'a closed fence (%s) prevents sending',
  async (why) => {
    const id = await lane.accept();
    const sent: string[] = [];
    const records: RecordStore = { ...lane.records, fence: async () => ({ fenced: false, why }) };
    const { next } = await run(id, records, platformThat(1, true, sent));
    expect(sent).toEqual([]);
    const isLate = why === 'past-deadline';
    expect(next).toMatchObject(
      isLate ? { do: 'done', outcome: { status: 'expired' } } : { do: 'nothing', why },
    );
  },
);

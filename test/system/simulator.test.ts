import { randomUUID } from 'node:crypto';
import { createLane, laneKeys } from '@handover/core/redis';
import { createSandbox, type Sandbox, scenarios } from '@handover/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FaultWorld, openFaultWorld, type Process } from '../support/processes.ts';

type Answer = {
  status: string;
  isFallback?: boolean;
  target?: object;
  error?: string;
  reason?: string;
  timeline?: object[];
  run?: { met: boolean };
};

const table = [
  { scenario: 'plain', status: 200, shows: { status: 'transferred', isFallback: false } },
  { scenario: 'queue-closed', status: 200, shows: { status: 'transferred', isFallback: true } },
  { scenario: 'private-call', status: 403, shows: { reason: 'call-is-private' } },
  { scenario: 'no-permission', status: 403, shows: { reason: 'not-permitted' } },
  { scenario: 'etag-conflict', status: 200, shows: { status: 'transferred' } },
  { scenario: 'rate-limited', status: 200, shows: { status: 'transferred' } },
  { scenario: 'outage', status: 200, shows: { status: 'transferred' } },
  { scenario: 'lost-answer', status: 200, shows: { status: 'transferred' } },
  { scenario: 'caller-hangs-up', status: 500, shows: { reason: 'call-ended' } },
];
/** How often a scenario moves the call, however often the transfer is sent. */
const movesOf = (status: number) => (status === 200 ? 1 : 0);

test('covers every scenario', () => {
  expect(table.map(({ scenario }) => scenario).sort()).toEqual([...scenarios].sort());
});

describe.each(['voice', 'platform'])('training on the dialect %s', (dialect) => {
  let training: Sandbox;
  let faults: FaultWorld;
  let api: Process;
  let worker: Process;
  beforeAll(async () => {
    training = createSandbox();
    const url = await training.listen();
    // The default waits: the simulator runs them a hundred times faster.
    faults = await openFaultWorld({
      GENESYS_API: dialect,
      SANDBOX_URL: url,
      SERVER_ERROR_RETRY_DELAY_MS: '30000',
      SETTLE_WINDOW_MS: '20000',
      GENESYS_TIMEOUT_MS: '10000',
    });
    [api, worker] = await Promise.all([
      faults.processes.startReady('api'),
      faults.processes.startReady('worker'),
    ]);
  });
  afterAll(async () => {
    await faults.close();
    await training.close();
  });

  async function simulate(body: object): Promise<{ status: number; answer: Answer }> {
    const response = await fetch(`${api.url}/api/simulator/transfer`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, answer: (await response.json()) as Answer };
  }

  const ids = (scenario: string) => {
    const tag = randomUUID().slice(0, 8);
    const [userId, callId, targetQueueId, fallbackQueueId] = ['u', 'c', 'q', 'f'].map(
      (letter) => `${letter}-${tag}`,
    );
    return { userId, callId, targetQueueId, fallbackQueueId, wrapUpCodeId: 'w', scenario };
  };

  test.each(table)('the scenario $scenario is answered with $status', async ({ scenario, status, shows }) => {
    const body = ids(scenario);
    // Repeats the run with the same ids.
    for (const _ of ['first', 'again']) {
      training.forgetLedger();
      const { status: code, answer } = await simulate(body);
      expect({ code, answer }).toMatchObject({ code: status, answer: shows });
      expect(answer.timeline?.length).toBeGreaterThan(2);
      expect(answer.run).toMatchObject({ scenario, met: true });
      if (status !== 200) expect(answer.error).toEqual(expect.any(String));
      expect(training.ledger.entries()).toHaveLength(movesOf(status));
    }
  });

  test('a consult is as the dialect has it', async () => {
    const { status, answer } = await simulate({ ...ids('plain'), transferType: 'consult' });
    const expected =
      dialect === 'voice'
        ? { status: 200, answer: { status: 'transferred' } }
        : { status: 403, answer: { reason: 'needs-user-token' } };
    expect({ status, answer }).toMatchObject(expected);
    expect(answer.run?.met).toBe(true);
  });

  test.each(['userId', 'callId', 'targetQueueId'])('a missing %s is a 400 with an error', async (field) => {
    const body: Record<string, string> = { userId: 'u', callId: 'c', targetQueueId: 'q' };
    delete body[field];
    const { status, answer } = await simulate(body);
    expect(status).toBe(400);
    expect(answer.error).toContain(field);
  });

  test('simulated transfers affect no live call, counter, report or bill', async () => {
    const atStart = ['token', 'postOauthToken', 'getOrganizationsLimitsNamespace'];
    const live = faults.world.sandbox.requests.entries();
    expect(live.filter(({ operation }) => !atStart.includes(operation))).toEqual([]);
    const metrics = await (await fetch(`${worker.url}/metrics`)).text();
    expect(metrics).toMatch(/handover_simulated_transfers_total\{outcome="transferred"[^}]*\} [1-9]/);
    expect(metrics).not.toMatch(/handover_transfers_total\{[^}]*\} [1-9]/);
    const report = (await (await fetch(`${api.url}/api/reports/quality`)).json()) as Record<string, number>;
    expect(report.totalTransfersAttempted).toBe(0);
    const bills = (await (await fetch(`${api.url}/api/billing/records`)).json()) as { items: object[] };
    expect(bills.items).toEqual([]);
    // No follow-up waits for a worker that never comes.
    const { followUps } = laneKeys(createLane('simulated', faults.world.config.queuePrefix));
    expect(await faults.world.redis.zcard(followUps)).toBe(0);
  });
});

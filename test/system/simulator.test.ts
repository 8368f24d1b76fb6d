import { randomUUID } from 'node:crypto';
import { createSandbox, type Sandbox, scenarios } from '@handover/sandbox';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FaultWorld, openFaultWorld, type Process } from '../support/processes.ts';

let training: Sandbox;
let faults: FaultWorld;
let api: Process;
let worker: Process;
beforeAll(async () => {
  training = createSandbox();
  const url = await training.listen();
  // The default waits: the simulator runs them a hundred times faster.
  faults = await openFaultWorld({
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

type Answer = {
  status: string;
  isFallback?: boolean;
  target?: object;
  error?: string;
  reason?: string;
  timeline?: object[];
};

async function simulate(body: object): Promise<{ status: number; answer: Answer }> {
  const response = await fetch(`${api.url}/api/simulator/transfer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, answer: (await response.json()) as Answer };
}

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

test('covers every scenario', () => {
  expect(table.map(({ scenario }) => scenario).sort()).toEqual([...scenarios].sort());
});

test.each(table)('the scenario $scenario is answered with $status', async ({ scenario, status, shows }) => {
  const tag = randomUUID().slice(0, 8);
  const body = {
    userId: `u-${tag}`,
    callId: `c-${tag}`,
    targetQueueId: `q-${tag}`,
    fallbackQueueId: `f-${tag}`,
    scenario,
  };
  // Repeats the run with the same ids.
  for (const _ of ['first', 'again']) {
    const { status: code, answer } = await simulate(body);
    expect({ code, answer }).toMatchObject({ code: status, answer: shows });
    expect(answer.timeline?.length).toBeGreaterThan(2);
    if (status !== 200) expect(answer.error).toEqual(expect.any(String));
  }
});

test.each(['userId', 'callId', 'targetQueueId'])('a missing %s is a 400 with an error', async (field) => {
  const body: Record<string, string> = { userId: 'u', callId: 'c', targetQueueId: 'q' };
  delete body[field];
  const { status, answer } = await simulate(body);
  expect(status).toBe(400);
  expect(answer.error).toContain(field);
});

test('simulated transfers affect no live call, counter or report', async () => {
  expect(faults.world.sandbox.requests.entries().filter(({ operation }) => operation !== 'token')).toEqual(
    [],
  );
  const metrics = await (await fetch(`${worker.url}/metrics`)).text();
  expect(metrics).toMatch(/handover_simulated_transfers_total\{outcome="transferred"[^}]*\} [1-9]/);
  expect(metrics).not.toMatch(/handover_transfers_total\{[^}]*\} [1-9]/);
  const report = (await (await fetch(`${api.url}/api/reports/quality`)).json()) as Record<string, number>;
  expect(report.totalTransfersAttempted).toBe(0);
});

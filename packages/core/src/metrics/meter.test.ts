import { beforeEach, describe, expect, test } from 'vitest';
import type { AttemptReport } from '../transfer/attempt.ts';
import type { Ended } from '../transfer/stores.ts';
import type { Outcome } from '../transfer/words.ts';
import { createMeter, createRegistry, observeStanding } from './meter.ts';

let registry: ReturnType<typeof createRegistry>;
beforeEach(() => {
  registry = createRegistry();
});

const facts = { acceptedAt: 1_000, settledAt: 3_500 };
const ended = (outcome: Outcome): Ended => ({ outcome, facts, transferType: 'blind', targetType: 'queue' });

function report(fields: Partial<AttemptReport> = {}): AttemptReport {
  const next = { do: 'nothing', why: 'test' } as const;
  return { id: 't-1', attempt: 1, next, requests: [], retries: [], conflicts: 0, ms: 5, ...fields };
}

/** The lines of our own figures, without help and type. */
async function lines(): Promise<string[]> {
  const text = await registry.metrics();
  return text.split('\n').filter((line) => line.startsWith('handover'));
}

describe('a transfer that ended', () => {
  test.each<[Outcome, string]>([
    [
      { status: 'transferred', target: { type: 'user', id: 'u' }, isFallback: true, confirmedBy: 'answer' },
      'outcome="transferred",reason="",transfer_type="blind",target_type="user",fallback="true"',
    ],
    [
      { status: 'rejected', reason: 'call-ended', detail: 'the call is gone' },
      'outcome="rejected",reason="call-ended",transfer_type="blind",target_type="queue",fallback="false"',
    ],
    [
      { status: 'expired' },
      'outcome="expired",reason="",transfer_type="blind",target_type="queue",fallback="false"',
    ],
  ])('%j is counted by its labels', async (outcome, labels) => {
    createMeter(registry, 'live').ended(ended(outcome));
    expect(await lines()).toContain(`handover_transfers_total{${labels}} 1`);
  });

  test('took from its acceptance to its outcome, in seconds', async () => {
    createMeter(registry, 'live').ended(ended({ status: 'expired' }));
    const told = await lines();
    expect(told).toContain('handover_transfer_duration_seconds_sum 2.5');
    expect(told).toContain('handover_transfer_duration_seconds_count 1');
  });
});

describe('an attempt', () => {
  test('that ended its transfer counts that, once', async () => {
    const next = { do: 'done', outcome: { status: 'expired' }, facts } as const;
    createMeter(registry, 'live').attempted(report({ next, transferType: 'blind', targetType: 'user' }));
    const labels = 'outcome="expired",reason="",transfer_type="blind",target_type="user",fallback="false"';
    expect(await lines()).toContain(`handover_transfers_total{${labels}} 1`);
    expect(await lines()).toContain('handover_transfer_duration_seconds_count 1');
  });

  test('counts its conflicts, its waits by reason, and how long the effect took to leave', async () => {
    const meter = createMeter(registry, 'live');
    meter.attempted(
      report({ conflicts: 2, retries: ['conflict', 'conflict', 'hold-off'], effectLatencyMs: 250 }),
    );
    meter.attempted(report());
    expect(await lines()).toEqual(
      expect.arrayContaining([
        'handover_etag_conflicts_total 2',
        'handover_retries_total{reason="conflict"} 2',
        'handover_retries_total{reason="hold-off"} 1',
        'handover_effect_latency_seconds_sum 0.25',
        'handover_effect_latency_seconds_count 1',
      ]),
    );
  });

  test('each request to Genesys is counted by operation and status; no answer is "none"', async () => {
    const meter = createMeter(registry, 'live');
    meter.requested({ operation: 'call', status: 200, ms: 30 });
    meter.requested({ operation: 'transfer', status: null, ms: 10_000 });
    expect(await lines()).toEqual(
      expect.arrayContaining([
        'handover_genesys_requests_total{operation="call",status="200"} 1',
        'handover_genesys_requests_total{operation="transfer",status="none"} 1',
        'handover_genesys_request_duration_seconds_sum{operation="transfer"} 10',
      ]),
    );
  });
});

test('figures that stand are read afresh at every look', async () => {
  let unconfirmed = 1;
  const counts = async () => ({ unconfirmed, deadLetters: 7 });
  observeStanding(registry, 'live', {
    queues: [
      { queue: 'transfers', isPaused: async () => 1, jobs: async () => ({ waiting: 4, active: 2 }) },
      { queue: 'billing', isPaused: async () => 0, jobs: async () => ({ waiting: 3 }) },
    ],
    counts,
    longestWaitMs: async () => 1_500,
    holdOffMs: async () => 0,
    queueHeldMs: async () => 0,
  });
  expect(await lines()).toEqual([
    'handover_queue_jobs{queue="transfers",state="waiting"} 4',
    'handover_queue_jobs{queue="transfers",state="active"} 2',
    'handover_queue_jobs{queue="billing",state="waiting"} 3',
    'handover_queue_paused{queue="transfers"} 1',
    'handover_queue_paused{queue="billing"} 0',
    'handover_oldest_job_seconds 1.5',
    'handover_hold_off_seconds 0',
    'handover_queue_held_seconds 0',
    'handover_unconfirmed 1',
    'handover_dead_letters 7',
  ]);
  observeStanding(registry, 'simulated', {
    queues: [{ queue: 'simulated-transfers', isPaused: async () => 0, jobs: async () => ({ waiting: 1 }) }],
    counts,
    longestWaitMs: async () => 0,
    holdOffMs: async () => 2_000,
    queueHeldMs: async () => 0,
  });
  expect(await lines()).toEqual(
    expect.arrayContaining([
      'handover_simulated_queue_jobs{queue="simulated-transfers",state="waiting"} 1',
      'handover_simulated_dead_letters 7',
      'handover_simulated_hold_off_seconds 2',
    ]),
  );
  unconfirmed = 0;
  expect(await lines()).toContain('handover_unconfirmed 0');
});

/** Everything once, in both lanes, with ids that would show. */
function countEverything(): void {
  const outcome: Outcome = {
    ...{ status: 'failed', reason: 'platform-unavailable', detail: 'call-id-x of user-id-x' },
    ...{ target: { type: 'queue', id: 'queue-id-x' } },
  };
  for (const lane of ['live', 'simulated'] as const) {
    const meter = createMeter(registry, lane);
    meter.ended(ended(outcome));
    meter.attempted(report({ id: 'transfer-id-x', conflicts: 1, retries: ['conflict'], effectLatencyMs: 1 }));
    meter.requested({ operation: 'call', status: 200, ms: 1 });
  }
}

test('simulated work counts under names of its own, and never in the live ones', async () => {
  const live = createMeter(registry, 'live');
  const simulated = createMeter(registry, 'simulated');
  simulated.ended(ended({ status: 'expired' }));
  simulated.attempted(report({ conflicts: 1, retries: ['conflict'], effectLatencyMs: 1 }));
  simulated.requested({ operation: 'call', status: 200, ms: 1 });
  const told = await lines();
  expect(told.filter((line) => !line.startsWith('handover_simulated_') && !line.endsWith(' 0'))).toEqual([]);
  expect(told).toContain('handover_simulated_etag_conflicts_total 1');
  live.attempted(report({ conflicts: 3 }));
  expect(await lines()).toContain('handover_etag_conflicts_total 3');
});

test('the names are those of the documentation', async () => {
  countEverything();
  const names = (await registry.getMetricsAsJSON()).map(({ name }) => name);
  const own = names.filter((name) => /^handover_(?!simulated)/.test(name));
  expect(own.sort()).toEqual([
    'handover_effect_latency_seconds',
    'handover_etag_conflicts_total',
    'handover_follow_ups_total',
    'handover_genesys_request_duration_seconds',
    'handover_genesys_requests_total',
    'handover_retries_total',
    'handover_transfer_duration_seconds',
    'handover_transfers_total',
  ]);
  const simulated = names.filter((name) => name.startsWith('handover_simulated_'));
  expect(simulated.map((name) => name.replace('_simulated', '')).sort()).toEqual(own);
});

test('no id of a call, user, target or transfer is ever a label', async () => {
  countEverything();
  const told = (await lines()).join('\n');
  expect(told).toContain('platform-unavailable');
  expect(told).not.toContain('id-x');
});

test('no gauge has a name that promtool refuses', async () => {
  const metrics = await registry.getMetricsAsJSON();
  const gauges = metrics.filter(({ type }) => String(type) === 'gauge').map(({ name }) => name);
  expect(gauges.length).toBeGreaterThan(0);
  expect(gauges.filter((name) => name.endsWith('_total'))).toEqual([]);
});

test('every series is there from the start, with zero, so that its first increase shows', async () => {
  createMeter(registry, 'live', ['token', 'transfer']);
  const told = await lines();
  for (const line of told) expect(line).toMatch(/ 0$/);
  expect(told).toEqual(
    expect.arrayContaining([
      'handover_transfers_total{outcome="transferred",reason="",transfer_type="consult",target_type="skillGroup",fallback="true"} 0',
      'handover_transfers_total{outcome="rejected",reason="call-is-private",transfer_type="blind",target_type="queue",fallback="false"} 0',
      'handover_transfers_total{outcome="failed",reason="platform-unavailable",transfer_type="blind",target_type="user",fallback="false"} 0',
      'handover_etag_conflicts_total 0',
      'handover_retries_total{reason="worker-lost"} 0',
      'handover_retries_total{reason="stale-reading"} 0',
      'handover_genesys_requests_total{operation="transfer",status="429"} 0',
      'handover_genesys_request_duration_seconds_count{operation="token"} 0',
      'handover_transfer_duration_seconds_count 0',
    ]),
  );
});

test('in shadow mode what would have been sent has series of its own, with zero from the start', async () => {
  const meter = createMeter(registry, 'shadow');
  const labels = (fallback: boolean, target: string) =>
    `outcome="cancelled",reason="shadow",transfer_type="blind",target_type="${target}",fallback="${fallback}"`;
  expect(await lines()).toContain(`handover_shadow_transfers_total{${labels(false, 'queue')}} 0`);
  const target = { type: 'user', id: 'u' } as const;
  meter.ended(ended({ status: 'cancelled', reason: 'shadow', target, isFallback: true }));
  expect(await lines()).toContain(`handover_shadow_transfers_total{${labels(true, 'user')}} 1`);
  expect((await lines()).filter((line) => !line.startsWith('handover_shadow_'))).toEqual([]);
});

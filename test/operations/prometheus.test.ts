import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { freePort } from '../../scripts/redis.mjs';
import { billingEnv } from '../support/billing.ts';
import { type FaultWorld, openFaultWorld } from '../support/processes.ts';
import { findPrometheus, type Prometheus, promtool, startPrometheus } from '../support/prometheus.ts';
import { createSubject, requestFor } from '../support/subject.ts';

const programs = await findPrometheus();
if (typeof programs === 'string') console.log(`Skipped: the tests with a real Prometheus. ${programs}`);

/** What docs and dashboards build on; each must come from a running system, and not only from a unit test. */
const SERIES: [expression: string, atLeast: number][] = [
  ['up{job="handover-api"}', 1],
  ['up{job="handover-worker"}', 1],
  ['sum(handover_transfers_total{outcome="transferred"})', 3],
  ['sum(handover_transfers_total{outcome="rejected",reason="call-is-private"})', 1],
  ['handover_etag_conflicts_total{job="handover-worker"}', 0],
  ['sum(handover_retries_total)', 0],
  ['sum(handover_transfer_duration_seconds_count)', 4],
  ['histogram_quantile(0.5, sum by (le) (handover_effect_latency_seconds_bucket))', 0],
  ['sum(handover_genesys_requests_total{operation="transfer",status="200"})', 3],
  ['sum by (operation) (handover_genesys_request_duration_seconds_count{operation="call"})', 3],
  ['handover_queue_jobs{queue="transfers",state="completed"}', 4],
  ['handover_queue_jobs{queue="billing",state="failed"}', 0],
  ['handover_oldest_job_seconds', 0],
  ['handover_hold_off_seconds', 0],
  ['handover_unconfirmed', 0],
  ['handover_dead_letters', 0],
  ['handover_redis_durable{job="handover-api"}', 0],
  ['sum(handover_billing_records_total{result="billed"})', 3],
  ['sum(handover_billing_records_total{result="delivered"})', 3],
  ['handover_webhook_events_total{result="queued"}', 3],
  ['handover_webhook_registered', 1],
  ['sum(handover_billing_discrepancies)', 0],
  ['handover_billing_dead_letters', 0],
  ['sum(handover_simulated_transfers_total)', 0],
];

describe.skipIf(typeof programs === 'string')('a real Prometheus', () => {
  const found = programs as Exclude<typeof programs, string>;
  let faults: FaultWorld;
  let prometheus: Prometheus;
  let urls: { api: string; worker: string };

  beforeAll(async () => {
    const apiPort = await freePort();
    faults = await openFaultWorld((sandboxUrl) => ({
      ...billingEnv(sandboxUrl, apiPort),
      SANDBOX_URL: sandboxUrl,
    }));
    const { world, processes } = faults;
    const api = await processes.startReady('api', apiPort);
    const worker = await processes.startReady('worker');
    urls = { api: api.url, worker: worker.url };
    prometheus = await startPrometheus(found, {
      jobs: { 'handover-api': [api.url], 'handover-worker': [worker.url] },
    });
    await world.eventually(async () => (world.sandbox.webhooks.list().length > 0 ? true : undefined));
    const subjects = Array.from({ length: 4 }, () => createSubject(world.sandbox));
    const [priv, ...plain] = subjects;
    if (priv !== undefined) world.sandbox.putCall(priv.callId, { privacy: true });
    const ids = await Promise.all(subjects.map((subject) => world.submit(requestFor(subject))));
    for (const id of ids) await world.outcome(id);
    await vi.waitUntil(() => world.sandbox.billing.entries().length === plain.length, { timeout: 15_000 });
  }, 60_000);
  afterAll(async () => {
    await prometheus?.stop();
    await faults?.close();
  });

  test.each(SERIES)('sees %s at %d or above', async (expression, atLeast) => {
    await expect
      .poll(async () => Math.max(...(await prometheus.query(expression)).map(({ value }) => value)), {
        timeout: 10_000,
      })
      .toBeGreaterThanOrEqual(atLeast);
  });

  test.each(['api', 'worker'] as const)('promtool finds no fault with the metrics of the %s', async (app) => {
    const text = await (await fetch(`${urls[app]}/metrics`)).text();
    expect(await promtool(found, ['check', 'metrics'], text)).toEqual({ ok: true, said: '' });
  });

  test('no series carries the id of a call, an agent, a queue or a transfer', async () => {
    const series = await prometheus.query('{__name__=~"handover_.*"}');
    const values = new Set(series.flatMap(({ metric }) => Object.values(metric)));
    for (const value of values)
      expect(value).not.toMatch(/^(call|agent|target|fallback|elsewhere)-[0-9a-f]{8}$/);
    expect([...values].filter((value) => /^[0-9a-f-]{36}$/.test(value))).toEqual([]);
  });
});

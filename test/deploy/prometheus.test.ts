import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { redisNow } from '../../packages/core/src/redis/connection.ts';
import { billingEnv } from '../support/billing.ts';
import { PATIENTLY } from '../support/patience.ts';
import { freePort } from '../support/ports.ts';
import { type FaultWorld, openFaultWorld } from '../support/processes.ts';
import { findPrometheus, type Prometheus, promtool, startPrometheus } from '../support/prometheus.ts';
import { createSubject, requestFor } from '../support/subject.ts';

const root = resolve(import.meta.dirname, '../..');
const ALERTS = join(root, 'deploy/prometheus/alerts.yml');

const programs = await findPrometheus();
if (typeof programs === 'string') console.log(`Skipped: the tests with a real Prometheus. ${programs}`);

/** The series used by docs and dashboards; each must come from a running system, not only a unit test. */
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
  ['handover_queue_paused{queue="transfers"}', 0],
  ['handover_queue_jobs{queue="billing",state="failed"}', 0],
  ['handover_queue_jobs{queue="follow-ups",state="failed"}', 0],
  ['sum(handover_follow_ups_total{kind="wrap-up",end="done"})', 0],
  ['handover_oldest_job_seconds', 0],
  ['handover_hold_off_seconds', 0],
  ['handover_queue_held_seconds', 0],
  ['handover_unconfirmed', 0],
  ['handover_dead_letters', 0],
  ['handover_genesys_budget_remaining < 1000', 900],
  ['handover_redis_durable{job="handover-api"}', 0],
  ['max(handover_redis_recovery_seconds)', 0],
  ['max(handover_redis_replicas_needed)', 0],
  ['sum(handover_billing_records_total{result="billed"})', 3],
  ['sum(handover_billing_records_total{result="delivered"})', 3],
  ['sum(handover_billing_lag_seconds_count)', 3],
  ['sum(handover_billing_lag_seconds_bucket{le="60"})', 3],
  ['count(handover_billing_lag_seconds_count)', 2],
  ['handover_webhook_events_total{result="queued"}', 3],
  ['handover_webhook_registered', 1],
  ['sum(handover_billing_discrepancies)', 0],
  ['handover_billing_dead_letters', 0],
  ['handover_billing_match_age_seconds < bool 60', 1],
  ['handover_history_waiting', 0],
  ['handover_history_lag_seconds', 0],
  ['sum(handover_simulated_transfers_total)', 0],
];

const panels = readPanels();
const alerts = readAlerts();

test.each(alerts)('the alert $alert has its page in docs/operations', ({ alert, runbook }) => {
  expect(readFileSync(join(root, 'docs/operations', runbook), 'utf8')).toContain(alert);
  expect(readFileSync(join(root, 'docs/operations/README.md'), 'utf8')).toContain(`| ${alert} |`);
});

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
      GENESYS_REQUESTS_PER_MINUTE: '1000',
      // A receiver that is down.
      ...{ CALLBACKS: 'anonymous=http://127.0.0.1:1/callbacks', CALLBACK_ALLOW_PRIVATE: 'true' },
      CALLBACK_SECRET: 'a-secret-of-more-than-24-characters',
    }));
    const { world, processes } = faults;
    const api = await processes.startReady('api', apiPort);
    const worker = await processes.startReady('worker');
    urls = { api: api.url, worker: worker.url };
    prometheus = await startPrometheus(found, {
      jobs: { 'handover-api': [api.url], 'handover-worker': [worker.url] },
      ruleFiles: [ALERTS],
    });
    await world.eventually(async () => (world.sandbox.webhooks.list().length > 0 ? true : undefined));
    const subjects = Array.from({ length: 26 }, () => createSubject(world.sandbox));
    const [late, ...others] = subjects;
    if (late === undefined) throw new Error('no subject');
    for (const { callId } of others.slice(0, 7)) world.sandbox.putCall(callId, { privacy: true });
    const soon = (await redisNow(world.redis)) + 1_000;
    const ids = await Promise.all([
      world.submit({ ...requestFor(late), notBefore: soon + 60_000, expiresAt: soon }),
      ...others.map((subject) => world.submit(requestFor(subject))),
    ]);
    for (const id of ids) await world.outcome(id);
    await vi.waitUntil(() => world.sandbox.billing.entries().length === others.length - 7, PATIENTLY);
  });
  afterAll(async () => {
    await prometheus?.stop();
    await faults?.close();
  });

  test.each(SERIES)('sees %s at %d or above', async (expression, atLeast) => {
    await expect
      .poll(async () => Math.max(...(await prometheus.query(expression)).map(({ value }) => value)))
      .toBeGreaterThanOrEqual(atLeast);
  });

  test.each(panels)('$dashboard, $title: $expression has something to show', async ({ expression }) => {
    await expect.poll(async () => (await prometheus.query(atNow(expression))).length).toBeGreaterThan(0);
  });

  test('the dashboards and alerts have the success rate of the QA report', async () => {
    const report: unknown = await (await fetch(`${urls.api}/api/reports/quality?by=day`)).json();
    expect(report).toMatchObject({
      ...{ successful: 18, failed: 1, expired: 1, rejected: 7 },
      ...{ totalTransfersAttempted: 19, successRate: 94.74 },
    });
    const shares = panels.map(({ expression }) => expression).filter(isShareOf('outcome="transferred"'));
    const burns = alerts.flatMap(({ expr }) =>
      expr.split(' and\n').map((side) => side.split(' > ')[0] ?? ''),
    );
    expect(shares.length).toBeGreaterThanOrEqual(5);
    for (const expression of shares) await expect.poll(() => valuesOf(expression)).toEqual(['94.74']);
    const failures = burns.filter(isShareOf('outcome=~"failed|expired"'));
    expect(failures).toHaveLength(4);
    for (const expression of failures) await expect.poll(() => valuesOf(expression)).toEqual(['5.26']);
  });

  /** In percent, without those of nothing; in this run every counter began at zero, so its value is its exact increase. */
  async function valuesOf(expression: string): Promise<string[]> {
    const exact = expression.replaceAll(/(?:increase|rate)\(([^[]+)\[[^\]]+\]\)/g, '$1');
    const samples = await prometheus.query(exact);
    return samples.flatMap(({ value }) => (Number.isNaN(value) ? [] : [(100 * value).toFixed(2)]));
  }

  test.each(alerts)('the alert $alert uses existing series', async ({ expr }) => {
    await expect.poll(async () => (await prometheus.query(measured(expr))).length).toBeGreaterThan(0);
  });

  test('Prometheus loads the alert rules, and none fires', async () => {
    await expect
      .poll(async () => (await prometheus.rules()).map(({ health }) => health))
      .toEqual(alerts.map(() => 'ok'));
    const active = async () => (await prometheus.rules()).filter(({ state }) => state !== 'inactive');
    // On a busy machine a scrape comes too late at first.
    await expect.poll(active).toEqual([]);
  });

  test('promtool confirms that each alert fires when it must, and only then', async () => {
    expect(await promtool(found, ['check', 'rules', ALERTS])).toMatchObject({ ok: true });
    const { ok, said } = await promtool(found, ['test', 'rules', ALERTS.replace('.yml', '.test.yml')]);
    expect(ok, said).toBe(true);
  });

  test('promtool accepts the configuration that Compose mounts', async () => {
    const { ok, said } = await promtool(found, [
      'check',
      'config',
      // The file of the scrape's key exists only in the container.
      '--syntax-only',
      join(root, 'deploy/prometheus/prometheus.yml'),
    ]);
    expect(ok, said).toBe(true);
  });

  test('the KEDA query returns one number, and zero without waiting jobs', async () => {
    expect(await prometheus.query(scaling())).toMatchObject([{ metric: {}, value: 0 }]);
  });

  test.each(['api', 'worker'] as const)('promtool accepts the metrics of the %s', async (app) => {
    const text = await (await fetch(`${urls[app]}/metrics`)).text();
    expect(await promtool(found, ['check', 'metrics'], text)).toEqual({ ok: true, said: '' });
  });

  test('no series contains the id of a call, an agent, a queue or a transfer', async () => {
    const series = await prometheus.query('{__name__=~"handover_.*"}');
    const values = new Set(series.flatMap(({ metric }) => Object.values(metric)));
    for (const value of values)
      expect(value).not.toMatch(/^(call|agent|target|fallback|elsewhere)-[0-9a-f]{8}$/);
    expect([...values].filter((value) => /^[0-9a-f-]{36}$/.test(value))).toEqual([]);
  });
});

type Panel = { title: string; targets?: { expr: string }[] };

function readPanels(): { dashboard: string; title: string; expression: string }[] {
  const folder = join(root, 'deploy/grafana/dashboards');
  return readdirSync(folder).flatMap((dashboard) => {
    const { panels: all } = JSON.parse(readFileSync(join(folder, dashboard), 'utf8')) as { panels: Panel[] };
    return all.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr }) => ({ dashboard, title, expression: expr })),
    );
  });
}

/** Whether an expression is the share that these transfers have in others. */
function isShareOf(numerator: string): (expression: string) => boolean {
  return (expression) =>
    new RegExp(
      `handover_transfers_total\\{${numerator.replaceAll('|', '\\|')}\\}[^/]*/ sum.*handover_transfers_total`,
    ).test(expression);
}

/** Grafana's values for its own variables. */
function atNow(expression: string): string {
  return expression.replaceAll('$__rate_interval', '30s').replaceAll('$__range', '5m');
}

/** The query of the ScaledObject. */
function scaling(): string {
  const [scaledObject] = parseAllDocuments(
    readFileSync(join(root, 'deploy/kubernetes/worker-scaling.yaml'), 'utf8'),
  );
  return scaledObject?.getIn(['spec', 'triggers', 0, 'metadata', 'query']) as string;
}

/** The file has a fixed format, so its alerts can be read without a YAML parser. */
function readAlerts(): { alert: string; expr: string; runbook: string }[] {
  return readFileSync(ALERTS, 'utf8')
    .split('      - alert: ')
    .slice(1)
    .map((text) => ({
      alert: text.split('\n', 1)[0] ?? '',
      expr: /expr:(?: \|)?([\s\S]+?)\n {8}for:/.exec(text)?.[1]?.trim() ?? '',
      runbook: /runbook_url: .*\/([\w-]+\.md)'/.exec(text)?.[1] ?? '',
    }));
}

/** The series of an alert, whether it fires or not. */
function measured(expression: string): string {
  return expression.replace(/^absent\((.*)\)$/, '$1').replaceAll(/ (>|<|==) (?=[\d.]+(\s|$))/g, ' $1 bool ');
}

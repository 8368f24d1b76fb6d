import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { LaneName } from '../redis/keys.ts';
import type { AttemptReport } from '../transfer/attempt.ts';
import {
  type FollowUpEnd,
  type FollowUpKind,
  followUpEnds,
  followUpKinds,
} from '../transfer/follow-up-words.ts';
import { retryReasons } from '../transfer/next.ts';
import type { Mode } from '../transfer/policy.ts';
import { targetTypes, transferTypes } from '../transfer/request.ts';
import type { Ended } from '../transfer/stores.ts';
import {
  cancellationReasons,
  failureReasons,
  type OutcomeStatus,
  type Reason,
  type RequestNote,
  rejectionReasons,
} from '../transfer/words.ts';

/** From a millisecond, as on an idle system, to the default deadline of fifteen minutes. */
const SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900,
];

/** The statuses initialised with zero; others appear once they occur. */
const STATUSES = ['200', '401', '403', '404', '409', '412', '429', '500', '502', '503', 'none'];

/** Every outcome and reason. */
const ENDS: [status: OutcomeStatus, reason: Reason | ''][] = [
  ['transferred', ''],
  ['expired', ''],
  ['cancelled', ''],
  ...rejectionReasons.map((reason): [OutcomeStatus, Reason] => ['rejected', reason]),
  ...failureReasons.map((reason): [OutcomeStatus, Reason] => ['failed', reason]),
];

const SHADOW_ENDS = cancellationReasons.map((reason): [OutcomeStatus, Reason] => ['cancelled', reason]);

const hasTarget = (outcome: OutcomeStatus, reason: Reason | '') =>
  outcome === 'transferred' || reason === 'shadow';

/** A registry with the default process metrics; one per process. */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  // promtool rejects these gauges, since their names end in _total.
  for (const what of ['handles', 'requests', 'resources'])
    registry.removeSingleMetric(`nodejs_active_${what}_total`);
  return registry;
}

/** Whose series: of live work, of training, or of the live lane in shadow mode, which touches no live counter. */
export type SeriesName = LaneName | Mode;

/** What the names of these series begin with. */
export function prefixOf(series: SeriesName): string {
  return series === 'live' ? 'handover' : `handover_${series}`;
}

export type Meter = ReturnType<typeof createMeter>;

/**
 * The counters of one lane: `handover_…` for live work, `handover_simulated_…` for training, `handover_shadow_…` in shadow mode.
 * Ids of calls, users and transfers are never labels. `operations`: of the dialect, to initialise their series with zero.
 */
export function createMeter(registry: Registry, series: SeriesName, operations: readonly string[] = []) {
  const prefix = prefixOf(series);
  const registers = [registry];
  const transfers = new Counter({
    name: `${prefix}_transfers_total`,
    help: 'Transfers that ended, by outcome.',
    labelNames: ['outcome', 'reason', 'transfer_type', 'target_type', 'fallback'] as const,
    registers,
  });
  const conflicts = new Counter({
    name: `${prefix}_etag_conflicts_total`,
    help: 'Conflicts: the call changed between reading and sending.',
    registers,
  });
  const retries = new Counter({
    name: `${prefix}_retries_total`,
    help: 'Waits and retries of transfers, by reason.',
    labelNames: ['reason'] as const,
    registers,
  });
  const duration = new Histogram({
    name: `${prefix}_transfer_duration_seconds`,
    help: 'From acceptance to outcome.',
    buckets: SECONDS,
    registers,
  });
  const effectLatency = new Histogram({
    name: `${prefix}_effect_latency_seconds`,
    help: 'From acceptance to the effect being sent.',
    buckets: SECONDS,
    registers,
  });
  const requests = new Counter({
    name: `${prefix}_genesys_requests_total`,
    help: 'Requests to Genesys, by operation and status.',
    labelNames: ['operation', 'status'] as const,
    registers,
  });
  const requestDuration = new Histogram({
    name: `${prefix}_genesys_request_duration_seconds`,
    help: 'Response time of Genesys.',
    labelNames: ['operation'] as const,
    buckets: SECONDS,
    registers,
  });

  const followUps = new Counter({
    name: `${prefix}_follow_ups_total`,
    help: 'Follow-ups that ended, by kind and end.',
    labelNames: ['kind', 'end'] as const,
    registers,
  });

  // Initialise with zero: Prometheus sees no increase in a series that starts with its first event.
  for (const [outcome, reason] of series === 'shadow' ? [...ENDS, ...SHADOW_ENDS] : ENDS)
    for (const transfer_type of transferTypes)
      for (const target_type of targetTypes)
        for (const fallback of hasTarget(outcome, reason) ? ['false', 'true'] : ['false'])
          transfers.inc({ outcome, reason, transfer_type, target_type, fallback }, 0);
  for (const kind of followUpKinds) for (const end of followUpEnds) followUps.inc({ kind, end }, 0);
  for (const reason of retryReasons) retries.inc({ reason }, 0);
  for (const operation of operations) {
    for (const status of STATUSES) requests.inc({ operation, status }, 0);
    requestDuration.zero({ operation });
  }

  function ended({ outcome, facts, transferType, targetType }: Ended): void {
    transfers.inc({
      outcome: outcome.status,
      reason: outcome.reason ?? '',
      transfer_type: transferType ?? '',
      target_type: outcome.target?.type ?? targetType ?? '',
      fallback: String(outcome.isFallback === true),
    });
    duration.observe((facts.settledAt - facts.acceptedAt) / 1000);
  }

  return {
    /** Counts a transfer that this process settled outside an attempt. */
    ended,
    /** Counts an attempt, and the outcome if it settled the transfer. */
    attempted(report: AttemptReport): void {
      const {
        next,
        conflicts: changed,
        retries: reasons,
        effectLatencyMs,
        transferType,
        targetType,
      } = report;
      if (next.do === 'done') ended({ outcome: next.outcome, facts: next.facts, transferType, targetType });
      if (changed > 0) conflicts.inc(changed);
      for (const reason of reasons) retries.inc({ reason });
      if (effectLatencyMs !== undefined) effectLatency.observe(effectLatencyMs / 1000);
    },
    /** Counts a follow-up that ended. */
    followedUp(kind: FollowUpKind, end: FollowUpEnd): void {
      followUps.inc({ kind, end });
    },
    /** Counts a request to Genesys. */
    requested({ operation, status, ms }: RequestNote): void {
      requests.inc({ operation, status: status === null ? 'none' : String(status) });
      requestDuration.observe({ operation }, ms / 1000);
    },
  };
}

/** Whether Redis persists what it acknowledged: 1, 0, or NaN if unknown. Exported only by the API. */
export function observeDurability(
  registry: Registry,
  durability: () => boolean | undefined,
  mode: Mode = 'live',
): void {
  new Gauge({
    name: `${prefixOf(mode)}_redis_durable`,
    help: 'Whether Redis persists what it acknowledged (append-only file, no eviction).',
    registers: [registry],
    collect() {
      const known = durability();
      this.set(known === undefined ? Number.NaN : Number(known));
    },
  });
}

export type RedisStanding = {
  /** How long transfers of calls already at their target are still held, in ms; 0 without data loss. */
  recoveryMs: () => number;
  /** NaN if unknown. */
  replicas: () => number;
  neededReplicas: number;
};

/** Data loss of Redis, and the number of its replicas. Every process exports its own view. */
export function observeRedis(registry: Registry, standing: RedisStanding, mode: Mode = 'live'): void {
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name: `${prefixOf(mode)}_redis_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(value());
      },
    });
  gauge('recovery_seconds', 'How long calls are still checked after a possible data loss in Redis.', () =>
    Math.max(0, standing.recoveryMs() / 1000),
  );
  gauge('replicas', 'Replicas that follow Redis closely.', standing.replicas);
  gauge(
    'replicas_needed',
    'Replicas that must have an intent before it is sent.',
    () => standing.neededReplicas,
  );
}

/** The remaining Genesys budget; +Inf without a limit. Exported only by the API. */
export function observeBudget(
  registry: Registry,
  remaining: () => Promise<number>,
  mode: Mode = 'live',
): void {
  new Gauge({
    name: `${prefixOf(mode)}_genesys_budget_remaining`,
    help: 'Requests that all workers together may still send to Genesys in the current window.',
    registers: [registry],
    async collect() {
      this.set(await remaining());
    },
  });
}

export type Standing = {
  /** The queues of the lane, whether each is paused (1), and how many jobs it has in each state. */
  queues: { queue: string; isPaused: () => Promise<number>; jobs: () => Promise<Record<string, number>> }[];
  counts: () => Promise<{ unconfirmed: number; deadLetters: number }>;
  /** The age of the oldest transfer that waits for a worker, in ms. */
  longestWaitMs: () => Promise<number>;
  /** The remaining hold-off, in ms; 0 without one. */
  holdOffMs: () => Promise<number>;
  /** How long the queue is still held, in ms; 0 if it is not. */
  queueHeldMs: () => Promise<number>;
};

/** Values shared by all processes; exported only by the API, so that workers do not duplicate them. */
export function observeStanding(registry: Registry, series: SeriesName, standing: Standing): void {
  const { queues, counts } = standing;
  const prefix = prefixOf(series);
  const registers = [registry];
  new Gauge({
    name: `${prefix}_queue_jobs`,
    help: 'Jobs in the queues, by state.',
    labelNames: ['queue', 'state'] as const,
    registers,
    async collect() {
      const seen = await Promise.all(queues.map(({ jobs }) => jobs()));
      for (const [index, { queue }] of queues.entries())
        for (const [state, count] of Object.entries(seen[index] ?? {})) this.set({ queue, state }, count);
    },
  });
  new Gauge({
    name: `${prefix}_queue_paused`,
    help: '1 while the queue is paused, by an operator or since its destination is gone.',
    labelNames: ['queue'] as const,
    registers,
    async collect() {
      const seen = await Promise.all(queues.map(({ isPaused }) => isPaused()));
      for (const [index, { queue }] of queues.entries()) this.set({ queue }, seen[index] ?? Number.NaN);
    },
  });
  new Gauge({
    name: `${prefix}_oldest_job_seconds`,
    help: 'Age of the oldest transfer that waits for a worker.',
    registers,
    async collect() {
      this.set((await standing.longestWaitMs()) / 1000);
    },
  });
  new Gauge({
    name: `${prefix}_hold_off_seconds`,
    help: 'How long the hold-off after a 429 of Genesys still lasts.',
    registers,
    async collect() {
      this.set((await standing.holdOffMs()) / 1000);
    },
  });
  new Gauge({
    name: `${prefix}_queue_held_seconds`,
    help: 'How long the queue is still held, because of a hold-off or because the budget is used up.',
    registers,
    async collect() {
      this.set((await standing.queueHeldMs()) / 1000);
    },
  });
  new Gauge({
    name: `${prefix}_unconfirmed`,
    help: 'Transfers whose effect was sent and whose result is not known yet.',
    registers,
    async collect() {
      this.set((await counts()).unconfirmed);
    },
  });
  new Gauge({
    name: `${prefix}_dead_letters`,
    help: 'Transfers that need an operator.',
    registers,
    async collect() {
      this.set((await counts()).deadLetters);
    },
  });
}

import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '@handover/core/config';
import { defaultPolicies, openDialect, type QueuePolicies } from '@handover/core/genesys';
import {
  createBillingMeter,
  createCallbackMeter,
  createMeter,
  observeRedis,
  type Registry,
} from '@handover/core/metrics';
import {
  type AccessWatch,
  claimChore,
  closeWorker,
  connectRedis,
  createAsleep,
  createAuditStore,
  createBudget,
  createLane,
  createProgress,
  createRedisClock,
  createReplicatedWriter,
  type Lane,
  type LaneName,
  presenceStanding,
  presenceView,
  type RedisClient,
  readGenesysState,
  readWebhookState,
  redisNow,
  watchPresence,
  webhookView,
  writeGenesysState,
} from '@handover/core/redis';
import type { Tracing } from '@handover/core/tracing';
import { simulatedPolicy } from '@handover/core/transfer';
import type { Worker } from 'bullmq';
import type { Logger } from 'pino';
import { createActions } from './actions.ts';
import { startBilling } from './billing/billing.ts';
import { type CallbackOptions, startCallbacks } from './callbacks/worker.ts';
import type { Chore } from './chores.ts';
import { startFollowUps } from './follow-ups/worker.ts';
import type { Readiness } from './health.ts';
import { startHistory } from './history.ts';
import type { QueueWorker } from './queue-action.ts';
import { startSweep } from './sweep.ts';
import { closeLane, type LaneOptions, type LaneParts, openLane, startTransferWorker } from './transfers.ts';

/** How long a shutdown lets attempts finish before it aborts their requests, in ms. */
export const GRACE_MS = 7_000;
/** How long a probe waits for Redis, in ms. */
const HEALTH_MS = 1_000;
/** Timeout of one request to the sandbox, in ms: a training run has 30 s in all. */
const LONGEST_SIMULATED_MS = 1_000;
/** How often a starting worker asks the organisation for its limits, in ms. */
const ASK_LIMITS_EVERY_MS = 60_000;
const TRIM_AUDIT_EVERY_MS = 3_600_000;
/** How old a reading of the sandbox may be, in ms. */
const SANDBOX_LAG_MS = 0;

export type WorkerOptions = {
  config: Config;
  /** Of the file that the configuration names. */
  queuePolicies?: QueuePolicies | undefined;
  redis: RedisClient;
  registry: Registry;
  access: Pick<AccessWatch, 'proves' | 'suspect'>;
  log: Logger;
  /** Absent without tracing. The caller closes it. */
  tracing?: Tracing | undefined;
};

/**
 * Starts the workers of this process: the live lane, the simulated one if a sandbox is configured, and the sweep. `close`
 * finishes what is in progress and returns the rest to the queue, within 10 s.
 */
export async function startWorker(options: WorkerOptions) {
  const { config, redis, registry, access, log, tracing } = options;
  const actor = { type: 'worker', name: `${hostname()}-${process.pid}` } as const;
  const impatience = new AbortController();
  // Every request in progress listens to it.
  setMaxListeners(0, impatience.signal);
  const progress = createProgress();
  // WAIT blocks the commands after it, so intents have their own connection.
  const intents =
    config.replicas.forIntents === 0
      ? undefined
      : connectRedis(config.redis, 'answer-now', 'handover-intents').on('error', () => undefined);
  const replicated = intents && createReplicatedWriter(intents, { needed: config.replicas.forIntents });
  const lanes = openLanes(options, { progress, replicated });
  const live = lanes[0];
  if (live === undefined) throw new Error('the live lane is missing');
  const clock = createRedisClock(redis);
  const billing = await startBilling({
    config,
    redis,
    clock,
    live,
    meter: createBillingMeter(registry, config.mode),
    log,
    signal: impatience.signal,
  });
  const history = await startHistory({ config, redis, live, log });
  const budget = createBudget(redis, live.lane, config.genesys.budget);
  const { costs } = live.genesys.transfers;
  const followUps = startFollowUps({
    ...{ redis, clock, prefix: config.queuePrefix, lane: live.lane, platform: live.genesys.transfers },
    room: () => budget.room({ run: costs.run, needs: costs.followUp }),
    ...{ meter: live.meter, log, signal: impatience.signal },
  });
  const actions = createActions({
    ...{ redis, live, budget, costs, log },
    owner: `${actor.name}-${randomUUID()}`,
  });
  const callbacks = startCallbacksOf(options, { clock, lane: live.lane, signal: impatience.signal });
  const { concurrency, retentionMs } = config;
  const workers = lanes.map((parts) =>
    startTransferWorker({
      redis,
      parts,
      actor,
      concurrency,
      retentionMs,
      log,
      tracing,
      signal: impatience.signal,
    }),
  );
  const queues: QueueWorker[] = [
    followUps.tended,
    ...billing.queues,
    ...(callbacks === undefined ? [] : [callbacks.tended]),
  ];
  const all = [...workers, ...queues.map(({ worker }) => worker)];
  for (const one of all) one.on('error', access.suspect);
  const areRunning = () => all.every((one) => one.isRunning() || one.isPaused());
  const sweep = startSweep({
    redis,
    prefix: config.queuePrefix,
    lanes,
    queues: [
      ...workers.map((worker) => ({ worker, asleep: createAsleep(redis, clock, live.lane, worker.name) })),
      ...queues,
    ],
    chores: [...billing.chores, ...history.chores, trimAudit(redis, live.lane)],
    errands: [actions.errand],
    log,
  });
  const presence = watchPresence(redis, {
    prefix: config.queuePrefix,
    isWorker: true,
    recoveryMs: config.policy.recoveryMs,
    neededReplicas: config.replicas.forIntents,
    progress,
    onForgotten: (reason) => log.error({ reason }, 'redis.forgot'),
    onSilent() {
      log.warn('redis.silent');
      intents?.disconnect(true);
      for (const one of all) void dropBlocked(one);
    },
    onError: access.suspect,
  });
  observeRedis(registry, presenceStanding(presence, config.replicas.forIntents), config.mode);
  // Shows a wrong dialect, host or client now, not at the first call.
  live.genesys.token
    .get()
    .then(() => learnLimits(redis, config.queuePrefix, live, log))
    .catch((error: Error) => log.warn({ lane: live.lane.name, err: error }, 'genesys.token-failed'));

  return {
    alive: areRunning,

    /** Stops taking jobs; those in progress continue. For a Redis that refuses commands: BullMQ would retry without a pause. */
    async pause(): Promise<void> {
      await Promise.all(all.map((one) => one.pause(true)));
    },

    async resume(): Promise<void> {
      await Promise.all(all.map((one) => one.resume()));
    },

    /** Assumes that Redis can be used: the caller checks that. */
    async ready(): Promise<Omit<Readiness, 'durability'>> {
      const isConnected = redis.status === 'ready';
      const [seen, proves] = await Promise.all([
        isConnected ? within(HEALTH_MS, look(redis, live.lane)) : undefined,
        access.proves(),
      ]);
      const isUsable = proves && seen !== undefined;
      const { state: token, detail: tokenDetail } = live.genesys.token.state();
      const { dialect, baseUrl } = config.genesys;
      return {
        status: areRunning() && isUsable ? 'ready' : 'not-ready',
        mode: config.mode,
        redis: isUsable ? 'connected' : 'unavailable',
        genesys: {
          dialect,
          baseUrl,
          token,
          tokenDetail,
          holdOffUntil: seen?.genesys.holdOffUntil ?? null,
          ...(seen?.genesys.holds && { holds: seen.genesys.holds }),
        },
        webhook: webhookView(seen?.webhook),
        ...presenceView(presence.known(), config.replicas.forIntents),
      };
    },

    async close(): Promise<void> {
      const timer = setTimeout(() => impatience.abort(), GRACE_MS);
      const closing = workers.map((worker) => closeWorker(worker, impatience.signal));
      await Promise.all([
        ...[...closing, sweep.close(), actions.close()],
        ...[billing.close(), followUps.close(), callbacks?.close()],
      ]);
      clearTimeout(timer);
      await history.close();
      await Promise.all(lanes.map(closeLane));
      await presence.leave();
      intents?.disconnect();
    },
  };
}

/** Absent without a receiver. */
function startCallbacksOf(
  { config, redis, registry, log }: WorkerOptions,
  parts: Pick<CallbackOptions, 'clock' | 'lane' | 'signal'>,
) {
  const { receivers } = config.callbacks;
  if (receivers.length === 0) return undefined;
  const meter = createCallbackMeter(registry, config.mode);
  return startCallbacks({ ...parts, redis, prefix: config.queuePrefix, receivers, meter, log });
}

/** Removes what the audit no longer keeps. */
function trimAudit(redis: RedisClient, lane: Lane): Chore {
  const audit = createAuditStore(redis, lane);
  return {
    name: 'trim-audit',
    everyMs: TRIM_AUDIT_EVERY_MS,
    work: async () => audit.trim(await redisNow(redis)),
  };
}

/** One worker of those that start together asks; the headers of every answer tell the limit, too. Never throws. */
async function learnLimits(redis: RedisClient, prefix: string, { genesys, lane }: LaneParts, log: Logger) {
  try {
    if (!(await claimChore(redis, prefix, 'genesys-limits', ASK_LIMITS_EVERY_MS))) return;
    const limits = await genesys.learnLimits();
    if (limits.learned !== 'nothing')
      log.info({ lane: lane.name, requestsPerMinute: limits.learned }, 'genesys.limit-read');
    else if (limits.why !== undefined)
      log.warn({ lane: lane.name, reason: limits.why }, 'genesys.limit-not-read');
  } catch (error) {
    log.warn({ lane: lane.name, err: error }, 'genesys.limit-not-read');
  }
}

async function look(redis: RedisClient, lane: Lane) {
  const [genesys, webhook] = await Promise.all([
    readGenesysState(redis, lane),
    readWebhookState(redis, lane),
  ]);
  return { genesys, webhook };
}

/** The result, or `undefined` on failure or timeout: a silent Redis must not block a probe. */
function within<T>(ms: number, pending: Promise<T>): Promise<T | undefined> {
  return Promise.race([pending.catch(() => undefined), sleep(ms, undefined, { ref: false })]);
}

/** Drops the connection on which a worker waits for jobs: BullMQ would take ten seconds to notice that it is dead. */
async function dropBlocked({ backend }: Pick<Worker, 'backend'>): Promise<void> {
  const blocked = (await backend.blockingClient) as RedisClient | undefined;
  blocked?.disconnect(true);
}

function openLanes(
  { config, queuePolicies: queues = defaultPolicies.queues, redis, registry, log, tracing }: WorkerOptions,
  safety: Pick<LaneOptions, 'progress' | 'replicated'>,
): LaneParts[] {
  const { policy, retentionMs, queuePrefix, sandboxUrl, cache, genesys } = config;
  const liveLane = createLane('live', queuePrefix);
  const { dialect, baseUrl, loginUrl, clientId, clientSecret, timeoutMs, readLagMs, budget } = genesys;
  const shared = { redis, retentionMs, log, tracing, ...safety };
  const live = openLane({
    ...shared,
    isBilled: config.billing.isOn,
    callbacks: config.callbacks,
    keepsHistory: config.history.url !== undefined,
    lane: liveLane,
    meter: createMeter(registry, config.mode, openDialect(dialect).operations),
    policy,
    genesys: {
      readsOnly: config.mode === 'shadow',
      dialect,
      baseUrl,
      loginUrl,
      clientId,
      clientSecret,
      timeoutMs,
      readLagMs,
      budget,
      cache,
      policies: { ...config.policies, queues },
      onToken: (token) => {
        logToken(log, 'live', baseUrl, token);
        writeGenesysState(redis, liveLane, token).catch(() => undefined);
      },
    },
  });
  if (sandboxUrl === undefined) return [live];
  const { operations } = openDialect(dialect);
  const simulatedTimeoutMs = Math.min(timeoutMs, LONGEST_SIMULATED_MS);
  const simulated = openLane({
    ...shared,
    isBilled: false,
    lane: createLane('simulated', queuePrefix),
    meter: createMeter(registry, 'simulated', operations),
    policy: simulatedPolicy(policy, simulatedTimeoutMs),
    genesys: {
      dialect,
      baseUrl: sandboxUrl,
      readLagMs: SANDBOX_LAG_MS,
      clientId: 'simulator',
      clientSecret: 'simulator',
      timeoutMs: simulatedTimeoutMs,
      budget: { requests: 0, windowMs: 0 },
      cache,
      onToken: (token) => logToken(log, 'simulated', sandboxUrl, token),
    },
  });
  return [live, withoutFollowUps(simulated)];
}

/** No worker runs the follow-ups of the simulated lane, so training leaves none. */
function withoutFollowUps(lane: LaneParts): LaneParts {
  const { genesys } = lane;
  return { ...lane, genesys: { ...genesys, transfers: { ...genesys.transfers, leaves: () => [] } } };
}

/** A failure in training is only a warning: it moves no live call. */
function logToken(
  log: Logger,
  lane: LaneName,
  baseUrl: string,
  token: { state: string; detail: string },
): void {
  const line = { lane, baseUrl, reason: token.detail };
  if (token.state !== 'failing') log.info({ lane, baseUrl }, 'genesys.token-received');
  else if (lane === 'live') log.error(line, 'genesys.token-failed');
  else log.warn(line, 'genesys.token-failed');
}

import { setMaxListeners } from 'node:events';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '@handover/core/config';
import { createBillingMeter, createMeter, observeRedis, type Registry } from '@handover/core/metrics';
import {
  type AccessWatch,
  connectRedis,
  createAsleep,
  createBudget,
  createLane,
  createProgress,
  createRedisClock,
  createReplicatedWriter,
  type Lane,
  laneKeys,
  presenceStanding,
  presenceView,
  type RedisClient,
  readWebhookState,
  redisNow,
  watchPresence,
  webhookView,
} from '@handover/core/redis';
import type { Tracing } from '@handover/core/tracing';
import { simulatedPolicy } from '@handover/core/transfer';
import type { Worker } from 'bullmq';
import type { Logger } from 'pino';
import { startBilling } from './billing.ts';
import { startFollowUps } from './follow-ups/worker.ts';
import type { Readiness } from './health.ts';
import { closeLane, type LaneOptions, type LaneParts, openLane, startTransferWorker } from './transfers.ts';
import { startUpkeep } from './upkeep.ts';
import type { Tended } from './wake.ts';

/** How long a shutdown lets attempts finish before it gives up what they wait for, in ms. */
const GRACE_MS = 7_000;
/** How long a probe waits for Redis, in ms. */
const HEALTH_MS = 1_000;
/** One request to the sandbox, in ms: a training run has 30 s in all. */
const LONGEST_SIMULATED_MS = 1_000;

export type WorkerOptions = {
  config: Config;
  redis: RedisClient;
  registry: Registry;
  access: Pick<AccessWatch, 'proves' | 'suspect'>;
  log: Logger;
  /** Absent where tracing is off. The caller closes it. */
  tracing?: Tracing | undefined;
};

/**
 * Starts the workers of this process: the live lane, the simulated one where a sandbox is configured, and the upkeep.
 * `close` finishes what is in flight and hands the rest back, within 10 s.
 */
export async function startWorker(options: WorkerOptions) {
  const { config, redis, registry, access, log, tracing } = options;
  const actor = { type: 'worker', name: `${hostname()}-${process.pid}` } as const;
  const impatience = new AbortController();
  // Every request under way listens to it.
  setMaxListeners(0, impatience.signal);
  const progress = createProgress();
  // WAIT holds up what comes after it, so intents have a connection of their own.
  const intents =
    config.replicas.forIntents === 0
      ? undefined
      : connectRedis(config.redis, 'answer-now', 'handover-intents').on('error', () => undefined);
  const replicated = intents && createReplicatedWriter(intents, { needed: config.replicas.forIntents });
  const lanes = openLanes(options, { progress, replicated });
  const live = lanes[0];
  if (live === undefined) throw new Error('there is always a live lane');
  const clock = createRedisClock(redis);
  const billing = await startBilling({
    config,
    redis,
    clock,
    live,
    meter: createBillingMeter(registry),
    log,
    signal: impatience.signal,
  });
  const budget = createBudget(redis, live.lane, config.genesys.budget);
  const { costs } = live.genesys.platform;
  const followUps = startFollowUps({
    ...{ redis, clock, prefix: config.queuePrefix, lane: live.lane, platform: live.genesys.platform },
    room: () => budget.room({ run: costs.run, needs: costs.followUp }),
    ...{ meter: live.meter, log, signal: impatience.signal },
  });
  const { concurrency, retentionMs } = config;
  const workers = lanes.map((parts) =>
    startTransferWorker({
      ...{ redis, parts, actor, concurrency, retentionMs, log, tracing },
      signal: impatience.signal,
    }),
  );
  const queues: Tended[] = [followUps.tended, ...billing.queues];
  const all = [...workers, ...queues.map(({ worker }) => worker)];
  for (const one of all) one.on('error', access.suspect);
  const areRunning = () => all.every((one) => one.isRunning() || one.isPaused());
  const upkeep = startUpkeep({
    redis,
    prefix: config.queuePrefix,
    lanes,
    queues: [
      ...workers.map((worker) => ({ worker, asleep: createAsleep(redis, clock, live.lane, worker.name) })),
      ...queues,
    ],
    chores: billing.chores,
    log,
  });
  const presence = watchPresence(redis, {
    prefix: config.queuePrefix,
    recoveryMs: config.policy.recoveryMs,
    neededReplicas: config.replicas.forIntents,
    progress,
    onForgotten: (why) => log.error({ detail: why }, 'redis.forgot'),
    onSilent() {
      log.warn('redis.silent');
      intents?.disconnect(true);
      for (const one of all) void dropBlocked(one);
    },
    onError: access.suspect,
  });
  observeRedis(registry, presenceStanding(presence, config.replicas.forIntents));
  // A wrong dialect, host or client shows now, not at the first call.
  void live.genesys.token.get().catch((error: Error) => log.warn({ detail: error.message }, 'genesys.token'));

  return {
    alive: areRunning,

    /** Nothing is taken up any more; what is under way goes on. For a Redis that refuses: BullMQ would ask it without a pause. */
    async pause(): Promise<void> {
      await Promise.all(all.map((one) => one.pause(true)));
    },

    async resume(): Promise<void> {
      await Promise.all(all.map((one) => one.resume()));
    },

    /** As Redis can be used: that is for the caller to know. */
    async ready(): Promise<Omit<Readiness, 'durability'>> {
      const isConnected = redis.status === 'ready';
      const [seen, proves] = await Promise.all([
        isConnected ? within(HEALTH_MS, look(redis, live.lane)) : undefined,
        access.proves(),
      ]);
      const heldUntil = seen?.heldUntil;
      const isHeld = seen !== undefined && seen.heldUntil > seen.now;
      const { state: token, detail: tokenDetail } = live.genesys.token.state();
      const { dialect, baseUrl } = config.genesys;
      return {
        status: areRunning() && proves && heldUntil !== undefined ? 'ready' : 'not-ready',
        redis: proves && heldUntil !== undefined ? 'connected' : 'unavailable',
        genesys: {
          dialect,
          baseUrl,
          token,
          tokenDetail,
          holdOffUntil: isHeld ? new Date(seen.heldUntil).toISOString() : null,
        },
        webhook: webhookView(seen?.webhook),
        ...presenceView(presence.known(), config.replicas.forIntents),
      };
    },

    async close(): Promise<void> {
      const timer = setTimeout(() => impatience.abort(), GRACE_MS);
      await Promise.all([
        ...workers.map((worker) => worker.close()),
        ...[upkeep.close(), billing.close(), followUps.close()],
      ]);
      clearTimeout(timer);
      await Promise.all(lanes.map(closeLane));
      await presence.leave();
      intents?.disconnect();
    },
  };
}

async function look(redis: RedisClient, lane: Lane) {
  const [until, webhook, now] = await Promise.all([
    redis.hget(laneKeys(lane).holdOff, 'until'),
    readWebhookState(redis, lane),
    redisNow(redis),
  ]);
  return { heldUntil: Number(until ?? 0), webhook, now };
}

/** What it gives, or `undefined` where that takes longer or fails: a silent Redis must not silence a probe. */
function within<T>(ms: number, pending: Promise<T>): Promise<T | undefined> {
  return Promise.race([pending.catch(() => undefined), sleep(ms, undefined, { ref: false })]);
}

/** The connection on which a worker waits for jobs: BullMQ would take ten seconds to notice that nothing comes any more. */
async function dropBlocked({ backend }: Pick<Worker, 'backend'>): Promise<void> {
  const blocked = (await backend.blockingClient) as RedisClient | undefined;
  blocked?.disconnect(true);
}

function openLanes(
  { config, redis, registry, log, tracing }: WorkerOptions,
  safety: Pick<LaneOptions, 'progress' | 'replicated'>,
): LaneParts[] {
  const { policy, retentionMs, queuePrefix, sandboxUrl, cache, genesys } = config;
  const liveLane = createLane('live', queuePrefix);
  const { baseUrl, loginUrl, clientId, clientSecret, timeoutMs, budget } = genesys;
  const shared = { redis, retentionMs, log, tracing, ...safety };
  const live = openLane({
    ...shared,
    isBilled: config.billing.isOn,
    lane: liveLane,
    meter: createMeter(registry, 'live'),
    policy,
    genesys: {
      baseUrl,
      loginUrl,
      clientId,
      clientSecret,
      timeoutMs,
      budget,
      cache,
      onToken: ({ state, detail }) => {
        if (state === 'failing') log.error({ dialect: genesys.dialect, baseUrl, detail }, 'genesys.token');
        else log.info({ dialect: genesys.dialect, baseUrl, detail }, 'genesys.token');
        const report = { token: state, tokenDetail: detail, at: Date.now() };
        redis.hset(laneKeys(liveLane).genesys, report).catch(() => undefined);
      },
    },
  });
  if (sandboxUrl === undefined) return [live];
  const simulatedTimeoutMs = Math.min(timeoutMs, LONGEST_SIMULATED_MS);
  const simulated = openLane({
    ...shared,
    isBilled: false,
    lane: createLane('simulated', queuePrefix),
    meter: createMeter(registry, 'simulated'),
    policy: simulatedPolicy(policy, simulatedTimeoutMs),
    genesys: {
      baseUrl: sandboxUrl,
      clientId: 'simulator',
      clientSecret: 'simulator',
      timeoutMs: simulatedTimeoutMs,
      budget: { requests: 0, windowMs: 0 },
      cache,
      onToken: ({ state, detail }) => log.info({ baseUrl: sandboxUrl, state, detail }, 'sandbox.token'),
    },
  });
  return [live, simulated];
}

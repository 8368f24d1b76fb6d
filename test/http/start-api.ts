import { randomUUID } from 'node:crypto';
import { createApp, createMemoryGuard, createSandboxClient, type HttpTimeouts } from '@handover/api';
import { describeConfig, parseConfig } from '@handover/core/config';
import { destinationNames } from '@handover/core/destinations';
import { openHistoryAt } from '@handover/core/history';
import { createEventMeter, createMeter, createRegistry } from '@handover/core/metrics';
import {
  connectRedis,
  createBillingListStore,
  createCallbackStore,
  createChanges,
  createCounters,
  createLane,
  createRecordStore,
  createTransferStore,
  createWakes,
  openBillingQueue,
  openCallbackQueue,
  openDeliveryQueue,
  openFollowUpQueue,
  openTransferQueue,
  type RedisClient,
  watchAccess,
} from '@handover/core/redis';
import type { Actor, Deferral, Intent, Outcome, TimelineEntry } from '@handover/core/transfer';
import { Redis } from 'ioredis';
import { PATIENCE_MS } from '../support/patience.ts';

export type ApiOptions = {
  redisUrl: string;
  env?: Record<string, string>;
  timeouts?: HttpTimeouts;
  prefix?: string;
  /** Commands of Redis fail after 0.8 s, as in production; otherwise after as long as a busy machine may need. */
  answersNow?: boolean;
};

export type TestApi = Awaited<ReturnType<typeof startApi>>;

/** The API's log, for tests that need it. */
export function collectingLog() {
  const lines: { level: string; fields: unknown; message?: unknown }[] = [];
  const at = (level: string) => (fields: unknown, message?: unknown) => {
    lines.push({ level, fields, message });
  };
  const log = {
    level: 'trace',
    fatal: at('fatal'),
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
    trace: at('trace'),
    silent: () => {},
    child: () => log,
  };
  return { log, lines };
}

/** The API on a Redis with its own keys, wired like a process, without listening. */
export async function startApi(options: ApiOptions) {
  const { redisUrl, env = {}, timeouts, prefix = `{t-${randomUUID()}}`, answersNow = false } = options;
  const given = { GENESYS_BASE_URL: 'http://127.0.0.1:1', ...env, REDIS_URL: redisUrl };
  const config = parseConfig(given, 'api');
  const redis = connectRedis(config.redis, 'answer-now', 'test-api').on('error', () => {});
  if (redis instanceof Redis && !answersNow) redis.options.commandTimeout = PATIENCE_MS;
  const subscriber = connectRedis(config.redis, 'wait', 'test-api-changes').on('error', () => {});
  const openLane = (name: 'live' | 'simulated') => {
    const lane = createLane(name, prefix);
    const store = createTransferStore(redis, lane, { deadlineMs: config.policy.deadlineMs });
    const queue = openTransferQueue(redis, lane).on('error', () => {});
    return { store, queue, wakes: createWakes(redis, queue) };
  };
  const live = openLane('live');
  const simulated = openLane('simulated');
  const billing = {
    queue: openBillingQueue(redis, prefix).on('error', () => {}),
    deliveries: destinationNames.map((name) => openDeliveryQueue(redis, prefix, name).on('error', () => {})),
    store: createBillingListStore(redis, live.store.lane),
  };
  const history = await openHistoryAt(config.history.url, { name: 'test-api', onError: () => undefined });
  const counters = createCounters(redis, live.store.lane);
  const registry = createRegistry();
  const { log, lines } = collectingLog();
  const records = createRecordStore(redis, live.store.lane, {
    retentionMs: config.retentionMs,
    isBilled: config.billing.isOn,
    callbacks: config.callbacks,
    keepsHistory: config.history.url !== undefined,
    latestFenceMs: PATIENCE_MS,
  });
  const followUps = openFollowUpQueue(redis, prefix).on('error', () => undefined);
  const callbacks = {
    queue: openCallbackQueue(redis, prefix).on('error', () => undefined),
    store: createCallbackStore(redis, live.store.lane),
  };
  const changes = createChanges(subscriber, [live.store.keys.changed, simulated.store.keys.changed]);
  let tellAsked = () => {};
  const asked = new Promise<void>((resolve) => {
    tellAsked = resolve;
  });
  const access = watchAccess(redis, prefix, () => tellAsked());
  const app = await createApp({
    config,
    described: describeConfig(given),
    log,
    redis,
    access,
    presence: { known: () => ({ recovery: { state: 'none' }, replicas: undefined }) },
    changes,
    memory: createMemoryGuard(redis),
    live: { ...live, records, meter: createMeter(registry, 'live') },
    simulated,
    followUps,
    callbacks,
    counters,
    history,
    billing: { ...billing, meter: createEventMeter(registry) },
    sandbox:
      config.sandboxUrl === undefined
        ? undefined
        : createSandboxClient(config.sandboxUrl, config.genesys.dialect),
    registry,
    ...(timeouts && { timeouts }),
  });

  async function close(): Promise<void> {
    access.stop();
    await app.close();
    await history?.close();
    if (redis.status === 'ready') await deleteKeys(redis, prefix);
    redis.disconnect();
    subscriber.disconnect();
    const queues = [
      live.queue,
      simulated.queue,
      followUps,
      callbacks.queue,
      billing.queue,
      ...billing.deliveries,
    ];
    await Promise.allSettled(queues.map((queue) => queue.close()));
  }

  return {
    app,
    redis,
    subscriber,
    live,
    simulated,
    callbacks,
    billing,
    counters,
    history,
    registry,
    records,
    changes,
    asked,
    lines,
    prefix,
    close,
  };
}

/** Resolves when the API is connected to Redis and has checked it. */
export async function connected({ redis, asked }: Pick<TestApi, 'redis' | 'asked'>): Promise<void> {
  if (redis.status !== 'ready') await new Promise((resolve) => redis.once('ready', resolve));
  await asked;
}

async function deleteKeys(redis: RedisClient, prefix: string): Promise<void> {
  const keys = await redis.keys(`${prefix}:*`);
  for (let from = 0; from < keys.length; from += 500) await redis.unlink(...keys.slice(from, from + 500));
}

/** A valid body with its own call. */
export function transferBody(change: Record<string, unknown> = {}) {
  return {
    callId: `call-${randomUUID()}`,
    userId: 'agent-1',
    transferType: 'blind',
    target: { type: 'queue', id: 'queue-1' },
    ...change,
  };
}

const WORKER: Actor = { type: 'worker', name: 'test' };

/** Does what a worker does: begins a run and ends it with this outcome. */
export async function settleAs(
  { records }: Pick<TestApi, 'records'>,
  id: string,
  outcome: Outcome,
): Promise<void> {
  const begun = await records.begin(id);
  if (!begun.begun) throw new Error(`could not begin ${id}: ${begun.why}`);
  const settled = await records.settle(
    id,
    {
      guard: 'attempt',
      epoch: begun.record.epoch,
      outcome,
      deadLetter: outcome.status === 'failed',
      actor: WORKER,
    },
    [{ at: 0, step: 'outcome', by: 'worker:test', decided: outcome.status }],
  );
  if (!settled.settled) throw new Error(`could not settle ${id}: ${settled.why}`);
}

const INTENT: Intent = {
  id: 'intent-1',
  at: 0,
  effect: 'move',
  mark: { dialect: 'voice', fingerprint: 'etag-1', leg: null, data: null },
  repeatable: 'same-fingerprint',
  transferType: 'blind',
  target: { type: 'queue', id: 'queue-1' },
  isFallback: false,
  before: {},
  sends: 1,
  state: 'in-doubt',
};

/** Does what a worker does before the effect: writes the intent. Returns the epoch of the run. */
export async function sendIntent({ records }: Pick<TestApi, 'records'>, id: string): Promise<number> {
  const begun = await records.begin(id);
  if (!begun.begun) throw new Error(`could not begin ${id}: ${begun.why}`);
  const { epoch } = begun.record;
  const fenced = await records.fence(id, epoch, { intentId: INTENT.id, compared: '', intents: [INTENT] }, []);
  if (!fenced.fenced) throw new Error(`could not fence ${id}: ${fenced.why}`);
  return epoch;
}

/** Does what a worker does with an effect of unknown result: parks it for an operator. */
export async function parkUnconfirmed(
  api: Pick<TestApi, 'records'>,
  id: string,
  how: Pick<Deferral, 'intents' | 'held'> = { intents: [{ ...INTENT, at: Date.now() }] },
): Promise<void> {
  const epoch = await sendIntent(api, id);
  const deferral: Deferral = {
    status: 'unconfirmed',
    nextAt: 0,
    refund: false,
    parked: true,
    ...how,
    verdict: null,
    serverErrors: 0,
    conflicts: 0,
    unconfirmedReads: 1,
    unconfirmedSince: Date.now(),
    storedEntries: 0,
  };
  const entry: TimelineEntry = { at: Date.now(), step: 'parked', by: 'worker:test' };
  const deferred = await api.records.defer(id, epoch, deferral, [entry]);
  if (deferred !== 'deferred') throw new Error(`could not park ${id}`);
}

import { randomUUID } from 'node:crypto';
import { type Config, parseConfig } from '@handover/core/config';
import { createLog } from '@handover/core/log';
import { createRegistry } from '@handover/core/metrics';
import {
  connectRedis,
  createLane,
  createRecordStore,
  createTransferStore,
  createWakes,
  openTransferQueue,
  type RedisClient,
} from '@handover/core/redis';
import {
  type Actor,
  isOutcome,
  type StoredTransfer,
  submit,
  type TransferRequest,
} from '@handover/core/transfer';
import { createSandbox, type Sandbox } from '@handover/sandbox';
import { startWorker } from '@handover/worker';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { inject } from 'vitest';
import { PATIENCE_MS } from './patience.ts';

/**
 * Delays short enough for tests, in the proportions of the defaults; and a time-out long enough for a busy machine,
 * where a healthy request may take a second or two.
 */
export const QUICK = {
  SERVER_ERROR_RETRY_DELAY_MS: '150',
  GENESYS_TIMEOUT_MS: '3000',
  SETTLE_WINDOW_MS: '3300',
  UNCONFIRMED_MAX_MS: '20000',
  USER_CACHE_TTL_MS: '0',
  QUEUE_CACHE_TTL_MS: '0',
  GENESYS_REQUESTS_PER_MINUTE: '0',
};

/** For transfers of which each request counts: a busy machine has time to answer. */
export const UNHURRIED = {
  GENESYS_TIMEOUT_MS: '20000',
  SETTLE_WINDOW_MS: '21000',
  UNCONFIRMED_MAX_MS: '120000',
};

/** Assumes a usable Redis; other tests cover the check. */
const USABLE = { proves: async () => true, suspect: () => undefined };

export const UPSTREAM: Actor = { type: 'apiKey', name: 'test' };

export type World = Awaited<ReturnType<typeof openWorld>>;

export type WorldOptions = {
  /** May depend on where the sandbox listens. */
  env?: Record<string, string> | ((sandboxUrl: string) => Record<string, string>);
  /** The initial number of workers; more by `startOne`. */
  workers?: number;
  redisUrl?: string;
  /** The sandbox's random source; a seed makes a run repeatable. */
  random?: () => number;
  /** Overrides the request budget, also with a window shorter than a minute. */
  budget?: Config['genesys']['budget'];
  /** Receives every line of the workers' log, as JSON. */
  onLog?: (line: string) => void;
};

/** Real Redis under its own prefix, a sandbox over HTTP, real workers: everything except processes and the API. */
export async function openWorld(options: WorldOptions = {}) {
  const { env = {}, workers = 1, redisUrl, random, onLog, budget } = options;
  const sandbox = createSandbox({ ...(random && { random }) });
  const baseUrl = await sandbox.listen();
  const variables = {
    ...QUICK,
    REDIS_URL: redisUrl ?? inject('redisUrl'),
    REDIS_ALLOW_VOLATILE: 'true',
    QUEUE_PREFIX: `{t-${randomUUID().slice(0, 8)}}`,
    GENESYS_BASE_URL: baseUrl,
    GENESYS_CLIENT_ID: 'test',
    GENESYS_CLIENT_SECRET: 'test-secret',
    ...(typeof env === 'function' ? env(baseUrl) : env),
  };
  const parsed = parseConfig(variables, 'worker');
  const config = { ...parsed, genesys: { ...parsed.genesys, ...(budget && { budget }) } };
  const redis = connectRedis(config.redis, 'wait', 'test');
  const lane = createLane('live', config.queuePrefix);
  const records = createRecordStore(redis, lane, {
    retentionMs: config.retentionMs,
    isBilled: config.billing.isOn,
    callbacks: config.callbacks,
  });
  const store = createTransferStore(redis, lane, { deadlineMs: config.policy.deadlineMs });
  const queue = openTransferQueue(redis, lane);
  const wakes = createWakes(redis, queue);
  const meter = { ended: () => undefined };
  const ports = { store, records, wakes, meter, onJobless: fail };
  const changes = await followChanges(config.redis, store.keys.changed);
  const running: StartedWorker[] = [];

  const world = {
    sandbox,
    config,
    env: variables,
    redis,
    records,
    store,
    queue,
    /** The dependencies of the transfer verbs. */
    ports,

    async startOne(): Promise<StartedWorker> {
      const worker = await startOneWorker(config, onLog);
      running.push(worker);
      return worker;
    },

    /** Creates a missing call, agent and queue with defaults, and submits a transfer like the API. */
    async submit(given: Partial<TransferRequest> = {}): Promise<string> {
      const request = fill(sandbox, given);
      const id = randomUUID();
      const accepted = await submit(ports, { id, request, actor: UPSTREAM });
      if (accepted.accepted !== true) throw new Error(`not accepted: ${JSON.stringify(accepted)}`);
      return id;
    },

    async get(id: string): Promise<StoredTransfer> {
      const found = await store.get(id);
      if (found === undefined) throw new Error(`no transfer ${id}`);
      return found;
    },

    /** Waits until the transfer matches, checking on every change; fails with a message after `withinMs`. */
    async until(
      id: string,
      wanted: (transfer: StoredTransfer) => boolean,
      withinMs = PATIENCE_MS,
    ): Promise<StoredTransfer> {
      return changes.until(
        async () => {
          const found = await world.get(id);
          return wanted(found) ? found : undefined;
        },
        withinMs,
        async () => JSON.stringify(await store.get(id), null, 1),
      );
    },

    /** Checks on each change until `find` returns something. */
    eventually: <T>(find: () => Promise<T | undefined>, withinMs = PATIENCE_MS) =>
      changes.until(find, withinMs, async () => 'nothing came'),

    /** Waits until the transfer's job is finished or gone. */
    finishedJob: (id: string) =>
      world.eventually(async () => {
        const job = await queue.getJob(id);
        return job === undefined || job.finishedOn !== undefined ? { job } : undefined;
      }),

    /** Runs the transfer's finished job again and returns its result. */
    async rerun(id: string): Promise<unknown> {
      await wakes.renew((await world.get(id)).record);
      const { job } = await world.finishedJob(id);
      return job?.returnvalue;
    },

    outcome: (id: string, withinMs?: number) =>
      world.until(id, ({ record }) => isOutcome(record.status), withinMs),

    /** The effects on this call through the API, from the sandbox's ledger. */
    effects: (callId: string) => sandbox.ledger.entries(callId).filter(({ by }) => by === 'api'),

    async close(): Promise<void> {
      await Promise.all(running.map((worker) => worker.close()));
      await changes.close();
      await queue.close();
      await sandbox.close();
      await deleteKeys(redis as Redis, config.queuePrefix);
      redis.disconnect();
    },
  };
  for (let index = 0; index < workers; index += 1) await world.startOne();
  return world;
}

type StartedWorker = {
  close(): Promise<void>;
  metrics(): Promise<string>;
  ready: Awaited<ReturnType<typeof startWorker>>['ready'];
};

async function startOneWorker(config: Config, onLog: WorldOptions['onLog']): Promise<StartedWorker> {
  const redis = connectRedis(config.redis, 'wait', 'test-worker');
  redis.on('error', () => undefined);
  const registry = createRegistry();
  const log =
    onLog === undefined
      ? pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' })
      : createLog('worker', 'info', { write: onLog });
  const worker = await startWorker({ config, redis, registry, access: USABLE, log });
  let closed = false;
  return {
    metrics: () => registry.metrics(),
    ready: () => worker.ready(),
    async close() {
      if (closed) return;
      closed = true;
      await worker.close();
      redis.disconnect();
    },
  };
}

function fail(error: unknown): never {
  throw error;
}

function fill(sandbox: Sandbox, given: Partial<TransferRequest>): TransferRequest {
  const request: TransferRequest = {
    callId: `call-${randomUUID().slice(0, 8)}`,
    userId: 'agent',
    transferType: 'blind',
    target: { type: 'queue', id: 'support' },
    ...given,
  };
  if (given.callId === undefined) sandbox.putCall(request.callId);
  if (given.userId === undefined && !sandbox.users.has('agent')) sandbox.putUser('agent');
  if (given.target === undefined && !sandbox.queues.has('support')) sandbox.putQueue('support');
  return request;
}

/** Subscribes to changes over its own connection; each wakes all waiters. */
async function followChanges(settings: Config['redis'], channel: string) {
  const subscriber = connectRedis(settings, 'wait', 'test-changes');
  subscriber.on('error', () => undefined);
  // It does not resubscribe; polling finds missed changes.
  subscriber.on('ready', () => void subscriber.subscribe(channel).catch(() => undefined));
  const waiting = new Set<() => void>();
  subscriber.on('message', () => {
    for (const look of waiting) look();
  });

  async function until<T>(
    find: () => Promise<T | undefined>,
    withinMs: number,
    describe: () => Promise<string>,
  ): Promise<T> {
    const end = performance.now() + withinMs;
    for (;;) {
      const { changed, stop } = nextChange(waiting, Math.max(1, Math.min(500, end - performance.now())));
      try {
        const found = await find();
        if (found !== undefined) return found;
        if (performance.now() >= end) throw new Error(`not within ${withinMs} ms: ${await describe()}`);
        await changed;
      } finally {
        stop();
      }
    }
  }
  return { until, close: async () => subscriber.disconnect() };
}

function nextChange(waiting: Set<() => void>, atMostMs: number) {
  let stop = () => undefined as undefined;
  const changed = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, atMostMs);
    waiting.add(resolve);
    stop = () => {
      clearTimeout(timer);
      waiting.delete(resolve);
    };
  });
  return { changed, stop };
}

/** Deletes the keys under a test's prefix. */
export async function deleteKeys(redis: Pick<RedisClient & Redis, 'scan' | 'del'>, prefix: string) {
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', `${prefix}:*`, 'COUNT', 1_000);
    if (keys.length > 0) await redis.del(...keys);
    cursor = next;
  } while (cursor !== '0');
}

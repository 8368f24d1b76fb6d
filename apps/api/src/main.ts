import {
  answerArguments,
  type Config,
  ConfigError,
  describeConfig,
  nearMisses,
  parseConfig,
  version,
} from '@handover/core/config';
import { destinationNames } from '@handover/core/destinations';
import { openHistoryAt } from '@handover/core/history';
import { createLog, type Logger, logDestination } from '@handover/core/log';
import { createEventMeter, createMeter, createRegistry } from '@handover/core/metrics';
import {
  connectRedis,
  createBillingListStore,
  createCallbackStore,
  createChanges,
  createCounters,
  createLane,
  createProgress,
  createRecordStore,
  createReplicatedWriter,
  createTransferStore,
  createWakes,
  type LaneName,
  openBillingQueue,
  openCallbackQueue,
  openDeliveryQueue,
  openFollowUpQueue,
  openTransferQueue,
  type RedisClient,
  type TransferStoreOptions,
} from '@handover/core/redis';
import { openTracing, type Tracing } from '@handover/core/tracing';
import { createApp } from './app.ts';
import { createMemoryGuard } from './http/redis-gate.ts';
import { watchRedis } from './http/redis-watchdog.ts';
import type { Api } from './parts.ts';
import { createSandboxClient } from './simulator/sandbox.ts';

const WAIT_FOR_REDIS_MS = 2_000;

await main();

async function main(): Promise<void> {
  const told = answerArguments('api', process.argv.slice(2));
  if (told !== undefined) {
    (told.isError ? process.stderr : process.stdout).write(told.text);
    process.exitCode = told.isError ? 2 : 0;
    return;
  }
  try {
    const config = parseConfig(process.env, 'api');
    const log = createLog('api', config.logLevel, await logDestination(), config.mode);
    log.info({ version, config: describeConfig(process.env) }, 'api.starting');
    for (const { variable, words } of nearMisses(process.env))
      log.warn({ variable, reason: words }, 'config.near-miss');
    const tracing = await openTracing(config.tracing, 'handover-api', log);
    process.exitCode = await serve(config, log, tracing);
    // Only a connection to an unresponsive collector may still be open.
    if ((await tracing?.close()) === 'gave-up') process.exit();
  } catch (error) {
    process.stderr.write(`${inWords(error)}\n`);
    process.exitCode = 1;
  }
}

/** Serves until a signal, or until Redis proves unusable; returns the exit code. Closes in reverse order what it opened. */
async function serve(config: Config, log: Logger, tracing: Tracing | undefined): Promise<number> {
  let end: (code: number) => void = () => {};
  const ended = new Promise<number>((resolve) => {
    end = resolve;
  });
  const refuse = (why: string) => {
    process.stderr.write(`${why}\n`);
    end(1);
  };
  process.once('SIGTERM', () => end(0)).once('SIGINT', () => end(0));

  const progress = createProgress();
  const redis = connectRedis(config.redis, 'answer-now', 'handover-api');
  const subscriber = connectRedis(config.redis, 'wait', 'handover-api-changes').on('error', () => {});
  // WAIT blocks later commands on its connection, so replicated acceptances use a separate one.
  const acceptances =
    config.replicas.forAcceptance === 0
      ? undefined
      : connectRedis(config.redis, 'answer-now', 'handover-acceptances').on('error', () => {});
  const replicated =
    acceptances && createReplicatedWriter(acceptances, { needed: config.replicas.forAcceptance });
  const watchdog = watchRedis(redis, {
    settings: config.redis,
    prefix: config.queuePrefix,
    allowVolatile: config.allowVolatileRedis,
    log,
    refuse,
    progress,
    recoveryMs: config.policy.recoveryMs,
    neededReplicas: config.replicas.forIntents,
    waitsForReplicas: config.replicas.forAcceptance > 0,
    onSilent() {
      subscriber.disconnect(true);
      acceptances?.disconnect(true);
    },
  });
  const opened = { deadlineMs: config.policy.deadlineMs, progress, replicated };
  const lanes = {
    live: openLane(config, redis, 'live', opened),
    simulated: openLane(config, redis, 'simulated', { ...opened, replicated: undefined }),
  };
  const billing = {
    queue: openBillingQueue(redis, config.queuePrefix),
    deliveries: destinationNames.map((name) => openDeliveryQueue(redis, config.queuePrefix, name)),
    store: createBillingListStore(redis, lanes.live.store.lane),
  };
  const followUps = openFollowUpQueue(redis, config.queuePrefix);
  const callbacks = {
    queue: openCallbackQueue(redis, config.queuePrefix),
    store: createCallbackStore(redis, lanes.live.store.lane),
  };
  const queues = [
    ...[lanes.live.queue, lanes.simulated.queue, followUps, callbacks.queue],
    ...[billing.queue, ...billing.deliveries],
  ];
  // The watchdog logs a lost connection once for all queues.
  for (const queue of queues) queue.on('error', () => {});

  const registry = createRegistry();
  const records = createRecordStore(redis, lanes.live.store.lane, {
    retentionMs: config.retentionMs,
    isBilled: config.billing.isOn,
    callbacks: config.callbacks,
    keepsHistory: config.history.url !== undefined,
    progress,
  });
  const history = await openHistoryAt(config.history.url, {
    name: 'handover-api',
    onError: (error) => log.warn({ reason: error.message }, 'history.failed'),
  });
  const channels = [lanes.live.store.keys.changed, lanes.simulated.store.keys.changed];
  let app: Api | undefined;
  try {
    app = await createApp({
      config,
      described: describeConfig(process.env),
      log,
      redis,
      access: watchdog.access,
      presence: watchdog.presence,
      changes: createChanges(subscriber, channels),
      memory: createMemoryGuard(redis),
      live: { ...lanes.live, records, meter: createMeter(registry, config.mode) },
      simulated: lanes.simulated,
      followUps,
      callbacks,
      counters: createCounters(redis, lanes.live.store.lane),
      history,
      billing: { ...billing, meter: createEventMeter(registry, config.mode) },
      sandbox:
        config.sandboxUrl === undefined
          ? undefined
          : createSandboxClient(config.sandboxUrl, config.genesys.dialect),
      registry,
      tracing,
    });
    const refused = await Promise.race([ended, watchdog.asked(WAIT_FOR_REDIS_MS)]);
    if (refused !== undefined) return refused;
    await app.listen({ host: config.host, port: config.port });
    return await ended;
  } finally {
    await app?.close().catch((error) => log.error({ err: error }, 'api.stop-failed'));
    await watchdog.stop();
    await history?.close();
    redis.disconnect();
    acceptances?.disconnect();
    subscriber.disconnect();
    await Promise.allSettled(queues.map((queue) => queue.close()));
    log.info('api.stopped');
  }
}

function openLane(config: Config, redis: RedisClient, name: LaneName, options: TransferStoreOptions) {
  const lane = createLane(name, config.queuePrefix);
  const store = createTransferStore(redis, lane, options);
  const queue = openTransferQueue(redis, lane);
  return { store, queue, wakes: createWakes(redis, queue) };
}

function inWords(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  const { code, port, address } = error as { code?: string; port?: number; address?: string };
  if (code === 'EADDRINUSE')
    return `Port ${port} of ${address} is in use by another program: set PORT to another one.`;
  if (code === 'EADDRNOTAVAIL' || code === 'EACCES')
    return `The API cannot listen on ${address}, port ${port} (${code}): change HOST or PORT.`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

import type { Server } from 'node:http';
import {
  answerArguments,
  type Config,
  ConfigError,
  describeConfig,
  nearMisses,
  parseConfig,
  readQueuePolicies,
  version,
} from '@handover/core/config';
import { createLog, logDestination } from '@handover/core/log';
import { createRegistry } from '@handover/core/metrics';
import {
  type AccessWatch,
  connectRedis,
  durabilityWord,
  neverReached,
  presenceView,
  type RedisAccess,
  watchAccess,
  webhookView,
} from '@handover/core/redis';
import { openTracing } from '@handover/core/tracing';
import { createHealthServer, type Readiness } from './health.ts';
import { GRACE_MS, startWorker, type WorkerOptions } from './worker.ts';

/** How long after the grace period a shutdown may last, in ms: 9.5 s in total. */
const LONGEST_AFTER_GRACE_MS = 2_500;

/** Prints why the process cannot start and exits with 1. */
function refuse(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function readConfig(): { config: Config; queuePolicies: WorkerOptions['queuePolicies'] } {
  try {
    const config = parseConfig(process.env, 'worker');
    const { genesys, queuePolicyFile: file } = config;
    const isRead = genesys.dialect === 'platform' && file !== undefined;
    return { config, queuePolicies: isRead ? readQueuePolicies(file) : undefined };
  } catch (error) {
    if (error instanceof ConfigError) refuse(error.message);
    throw error;
  }
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'is in use' : `cannot be listened on (${error.code})`;
      refuse(`Port ${port} of ${host} ${why}: set METRICS_PORT to a free one.`);
    });
    server.listen(port, host, resolve);
  });
}

const told = answerArguments('worker', process.argv.slice(2));
if (told?.isError === false) {
  process.stdout.write(told.text);
  process.exit(0);
}
if (told !== undefined) {
  process.stderr.write(told.text);
  process.exit(2);
}
const { config, queuePolicies } = readConfig();
const log = createLog('worker', config.logLevel, await logDestination(), config.mode);
log.info({ version, config: describeConfig(process.env) }, 'worker.starting');
for (const { variable, words } of nearMisses(process.env))
  log.warn({ variable, reason: words }, 'config.near-miss');

const tracing = await openTracing(config.tracing, 'handover-worker', log);
const redis = connectRedis(config.redis, 'wait', 'handover-worker');
let lost = false;
let wasReached = false;
redis.on('error', (error: Error) => {
  if (!lost && wasReached) log.error({ err: error }, 'redis.lost');
  if (!lost && !wasReached) log.error({ reason: neverReached(config.redis, error) }, 'redis.not-reached');
  lost = true;
});
redis.on('ready', () => {
  if (lost && wasReached) log.info('redis.back');
  if (lost && !wasReached) log.info('redis.reached');
  lost = false;
  wasReached = true;
});

let worker: Awaited<ReturnType<typeof startWorker>> | undefined;
const registry = createRegistry();
let access: AccessWatch | undefined;
// Probes are answered before Redis is available: the process is alive but not ready.
const health = createHealthServer({
  registry,
  mode: config.mode,
  alive: () => worker?.alive() ?? true,
  ready,
});
stopOnSignals();
await listen(health, config.host, config.metricsPort);
let turns = Promise.resolve();
const watching = watchAccess(
  redis,
  config.queuePrefix,
  (found) => {
    turns = turns
      .then(() => useRedis(found))
      .catch((error: Error) => refuse(`The worker cannot start: ${error.message}`));
  },
  { waitsForReplicas: config.replicas.forIntents > 0 },
);
access = watching;

/** Starts the worker once Redis can be used, pauses it while Redis cannot, and resumes it. */
async function useRedis(found: RedisAccess): Promise<void> {
  const reason = whyNotToUse(found);
  if (reason !== undefined) {
    log.error({ reason }, 'redis.refused');
    return worker?.pause();
  }
  if (worker !== undefined) {
    log.info('redis.accepted');
    return worker.resume();
  }
  worker = await startWorker({ config, queuePolicies, redis, registry, access: watching, log, tracing });
  log.info({ port: config.metricsPort }, 'worker.ready');
}

/** The reason in one line; `undefined` if Redis can be used. Exits if Redis is volatile and nothing has started yet. */
function whyNotToUse(found: RedisAccess): string | undefined {
  if (!found.usable) return found.why;
  const { durability } = found;
  if (durability.durable === 'unknown') log.warn({ reason: durability.why }, 'redis.durability-unknown');
  if (durability.durable !== false) return undefined;
  const problems = `Redis may forget accepted transfers: ${durability.problems.join('; ')}.`;
  if (config.allowVolatileRedis) {
    log.warn({ reason: `${problems} REDIS_ALLOW_VOLATILE=true accepts that.` }, 'redis.volatile');
    return undefined;
  }
  if (worker === undefined) refuse(`${problems}\nFix this, or set REDIS_ALLOW_VOLATILE=true to accept it.`);
  return `${problems} Fix this, or set REDIS_ALLOW_VOLATILE=true to accept it.`;
}

async function ready(): Promise<Readiness> {
  const found = access?.known();
  const body = (await worker?.ready()) ?? waitingForRedis(config);
  if (found === undefined || found.usable) {
    return { ...body, durability: durabilityWord(found?.durability) };
  }
  return {
    ...body,
    status: 'not-ready',
    redis: 'refused',
    redisDetail: found.why,
    durability: 'not-checked',
  };
}

function waitingForRedis({
  mode,
  genesys: { dialect, baseUrl },
  replicas,
}: Config): Omit<Readiness, 'durability'> {
  const genesys = { dialect, baseUrl, token: 'none', holdOffUntil: null };
  return {
    status: 'not-ready',
    mode,
    redis: 'unavailable',
    genesys,
    webhook: webhookView(undefined),
    ...presenceView({ recovery: { state: 'none' }, replicas: undefined }, replicas.forIntents),
  };
}

function stopOnSignals(): void {
  const stopOnce = (signal: string) => {
    // A second signal kills the process at once.
    process.removeAllListeners('SIGTERM').removeAllListeners('SIGINT');
    stop(signal).catch((error: Error) => {
      log.error({ err: error }, 'worker.stop-failed');
      process.exit(1);
    });
  };
  process.once('SIGTERM', stopOnce).once('SIGINT', stopOnce);
}

async function stop(signal: string): Promise<void> {
  log.info({ signal }, 'worker.stopping');
  const exitLate = () => {
    log.error('worker.stopped-late');
    process.exit(1);
  };
  // One after the other: a worker that was stalled until after both still has its time to hand back.
  let late = setTimeout(() => {
    late = setTimeout(exitLate, LONGEST_AFTER_GRACE_MS);
  }, GRACE_MS);
  access?.stop();
  await worker?.close();
  health.close();
  health.closeAllConnections();
  redis.disconnect();
  const traces = await tracing?.close();
  clearTimeout(late);
  log.info('worker.stopped');
  // The start may still be waiting for Redis, with nothing taken up, or a collector may not respond: exit explicitly.
  if (worker === undefined || traces === 'gave-up') process.exit(0);
}

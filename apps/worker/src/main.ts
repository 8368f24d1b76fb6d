import type { Server } from 'node:http';
import { type Config, ConfigError, describeConfig, parseConfig } from '@handover/core/config';
import { createRegistry } from '@handover/core/metrics';
import { checkDurability, connectRedis, type Durability, type RedisClient } from '@handover/core/queue';
import { type Logger, pino } from 'pino';
import { createHealthServer } from './health.ts';
import { startWorker } from './worker.ts';

const LONGEST_SHUTDOWN_MS = 9_500;

/** A process that cannot start says why in one message and ends with 1. */
function refuse(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function readConfig(): Config {
  try {
    return parseConfig(process.env, 'worker');
  } catch (error) {
    if (error instanceof ConfigError) refuse(error.message);
    throw error;
  }
}

async function requireDurable(redis: RedisClient, allowVolatile: boolean, log: Logger): Promise<Durability> {
  const durability = await checkDurability(redis);
  if (durability.durable === false) {
    const problems = `Redis may forget accepted transfers: ${durability.problems.join('; ')}.`;
    if (!allowVolatile) refuse(`${problems}\nMend that, or set REDIS_ALLOW_VOLATILE=true to accept it.`);
    log.warn({ problems: durability.problems }, 'redis.volatile');
  }
  if (durability.durable === 'unknown') log.warn({ why: durability.why }, 'redis.durability-unknown');
  return durability;
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

const config = readConfig();
const log = pino({ level: config.logLevel, base: { service: 'worker', pid: process.pid } });
log.info({ config: describeConfig(process.env) }, 'worker.starting');

const redis = connectRedis(config.redis, 'wait', 'handover-worker');
let lost = false;
redis.on('error', (error: Error) => {
  if (!lost) log.error({ detail: error.message }, 'redis.lost');
  lost = true;
});
redis.on('ready', () => {
  if (lost) log.info('redis.back');
  lost = false;
});

const durability = await requireDurable(redis, config.allowVolatileRedis, log);
const registry = createRegistry();
const worker = await startWorker({ config, redis, registry, durability, log });
const health = createHealthServer({ registry, alive: worker.alive, ready: worker.ready });
await listen(health, config.host, config.metricsPort);
log.info({ port: config.metricsPort }, 'worker.ready');

let stopping = false;
async function stop(signal: string): Promise<void> {
  if (stopping) return;
  stopping = true;
  log.info({ signal }, 'worker.stopping');
  const late = setTimeout(() => {
    log.error('worker.stopped-late');
    process.exit(1);
  }, LONGEST_SHUTDOWN_MS);
  await worker.close();
  health.close();
  health.closeAllConnections();
  redis.disconnect();
  clearTimeout(late);
  log.info('worker.stopped');
}
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.on(signal, () => {
    stop(signal).catch((error: Error) => {
      log.error({ detail: error.message }, 'worker.stop-failed');
      process.exit(1);
    });
  });

// `npm start`: the whole system on this machine, with the sandbox in place of Genesys Cloud.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild } from './child.mjs';
import { chosenDialect } from './dialect.mjs';
import { takeLock } from './lock.mjs';
import { freePort, provideRedis } from './redis.mjs';

const READY_WITHIN_MS = 30_000;
// The maximum shutdown time of a system with transfers in progress.
const GRACE_MS = 15_000;
const SAME_SIGNAL_MS = 500;
const END_SIGNALS = ['SIGINT', 'SIGTERM'];
/** A transfer that the sandbox carries out as it is when it starts. */
const FIRST_TRANSFER = {
  voice: { callId: 'call-1', userId: 'agent-1', queue: 'queue-support' },
  platform: {
    callId: 'c0000000-0000-4000-8000-000000000001',
    userId: 'a0000000-0000-4000-8000-000000000001',
    queue: '90000000-0000-4000-8000-000000000001',
  },
};
const WORDS = {
  voice: { api: 'voice API', next: '' },
  platform: {
    api: 'Platform API',
    next: '\nA call leaves its agent when it is moved. Calls …01 to …20 each have the agent of the same number.\n',
  },
};

const HELP = `Starts Handover on this machine, with the sandbox in place of Genesys Cloud. Ctrl-C stops everything.

Usage: npm start [-- --dialect voice|platform]

These environment variables change it, each with its default:

  PORT=3000                  the API
  SANDBOX_PORT=4010          the sandbox; another free port if that one is taken
  METRICS_PORT=9464          the worker's metrics; likewise
  HOST=127.0.0.1             where the API and the worker listen
  HANDOVER_DATA_DIR=.data    Redis' data, and the logs, which later runs continue
  REDIS_URL                  a Redis to use in place of one of its own

What the API and the worker read besides: docs/configuration.md
`;
const root = resolve(import.meta.dirname, '..');
// Parallel systems, such as a test's and yours, need separate data folders.
const data = resolve(root, process.env.HANDOVER_DATA_DIR ?? '.data');
const logs = join(data, 'logs');

process.chdir(root);
const [option] = process.argv.slice(2);
if (option === '--help' || option === '-h') console.log(HELP);
else if (option === '--version' || option === '-v') console.log(version());
else process.exitCode = await main();

function version() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
}

async function main() {
  const running = { redis: undefined, sandbox: undefined, api: undefined, worker: undefined };
  const end = untilToldToEnd(running);
  let lock;
  try {
    const dialect = chosenDialect(process.argv.slice(2), process.env);
    const ports = await choosePorts(process.env);
    lock = await takeLock(join(data, 'start.sock'));
    if (!lock) throw new Error('Another "npm start" is running in this folder. End it first (Ctrl-C there).');
    const urls = await bringUp(running, { dialect, ports }, end.signal);
    if (urls) {
      console.log(welcome(dialect, urls, process.env));
      await Promise.race([end.told, untilOneDies(running)]);
    }
    console.log('\nStopping …');
    return 0;
  } catch (error) {
    // Ctrl-C also aborts waits, such as a download.
    if (end.signal.aborted) return 0;
    console.error(`\n${error instanceof Error ? error.message : error}\n`);
    return 1;
  } finally {
    end.begin();
    await bringDown(running);
    await lock?.release();
    end.forget();
  }
}

/** Picks the ports; reports one in use before anything starts. */
async function choosePorts(env) {
  const host = env.HOST || '127.0.0.1';
  const api = await choosePort('PORT', env.PORT, 3000);
  if (!(await isFree(api, host))) {
    throw new Error(
      `Port ${api} on ${host} is in use, perhaps by another "npm start". End that one, or choose a port:\n\n  PORT=${api + 1} npm start`,
    );
  }
  const sandbox = await chooseSandboxPort(env.SANDBOX_PORT, api);
  const metrics = await choosePort('METRICS_PORT', env.METRICS_PORT, 9464);
  const isTaken = [api, sandbox].includes(metrics) || !(await isFree(metrics, '127.0.0.1'));
  return { host, api, sandbox, metrics: isTaken ? await freePort() : metrics };
}

/** The usual port if it is free; one that was asked for must be. */
async function chooseSandboxPort(given, api) {
  const port = await choosePort('SANDBOX_PORT', given, 4010);
  if (port !== api && (await isFree(port, '127.0.0.1'))) return port;
  if (given) throw new Error(`Port ${port} (SANDBOX_PORT) is in use. Choose another, or leave it unset.`);
  return freePort();
}

async function choosePort(name, given, usual) {
  const port = given ? Number(given) : usual;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`${name} must be a number from 0 to 65535, but it is "${given}".`);
  }
  return port === 0 ? freePort() : port;
}

function isFree(port, host) {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', (error) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(new Error(`Port ${port} on ${host} cannot be used: ${error.message}`));
    });
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

/** Starts the parts in dependency order, each healthy before the next. */
async function bringUp(running, { dialect, ports }, signal) {
  mkdirSync(logs, { recursive: true });
  warnOfLiveSettings(process.env);
  const say = (line) => signal.aborted || console.log(line);
  const redis = await provideRedis({
    root,
    log: say,
    server: { dir: join(data, 'redis'), logFile: join(logs, 'redis.log') },
  });
  running.redis = redis;
  if (signal.aborted) return undefined;
  say(`Redis: ${redis.how}`);

  const urls = {
    redis: redis.url,
    sandbox: `http://127.0.0.1:${ports.sandbox}`,
    api: `http://${urlHost(ports.host)}:${ports.api}`,
    worker: `http://127.0.0.1:${ports.metrics}`,
  };
  const parts = [
    { name: 'sandbox', main: 'packages/sandbox/dist/main.js', health: `${urls.sandbox}/control/health` },
    { name: 'api', main: 'apps/api/dist/main.js', health: `${urls.api}/readyz` },
    { name: 'worker', main: 'apps/worker/dist/main.js', health: `${urls.worker}/readyz` },
  ];
  const env = childEnvironment(dialect, process.env, urls, ports);
  for (const { name, main, health } of parts) {
    if (signal.aborted) return undefined;
    const child = startChild([process.execPath, main], {
      logFile: join(logs, `${name}.log`),
      env,
      cwd: root,
    });
    running[name] = child;
    await untilHealthy(name, child, health, signal);
    if (!signal.aborted) say(`${name}: ready`);
  }
  return urls;
}

function warnOfLiveSettings(env) {
  const set = ['GENESYS_API', 'GENESYS_BASE_URL', 'GENESYS_REGION'].filter((name) => env[name]);
  if (set.length === 0) return;
  console.log(
    `${set.join(', ')}: not used. "npm start" is the simulated system and always talks to the sandbox.\n` +
      'Its dialect is chosen by --dialect. For a live system use npm run start:api and npm run start:worker.',
  );
}

function childEnvironment(dialect, env, urls, ports) {
  const { GENESYS_REGION: _region, GENESYS_LOGIN_URL: _login, ...rest } = env;
  const billingSecret = randomBytes(24).toString('hex');
  return {
    ...rest,
    HOST: ports.host,
    PORT: String(ports.api),
    METRICS_PORT: String(ports.metrics),
    SANDBOX_HOST: '127.0.0.1',
    SANDBOX_PORT: String(ports.sandbox),
    SANDBOX_URL: urls.sandbox,
    REDIS_URL: urls.redis,
    GENESYS_API: dialect,
    GENESYS_BASE_URL: urls.sandbox,
    GENESYS_CLIENT_ID: 'sandbox-client',
    GENESYS_CLIENT_SECRET: 'sandbox-secret',
    ...(dialect === 'voice' ? withEvents(env, urls) : withoutEvents(env)),
    BILLING_URL: `${urls.sandbox}/billing/records`,
    BILLING_SECRET: billingSecret,
    SANDBOX_BILLING_SECRET: billingSecret,
  };
}

function withEvents(env, urls) {
  return {
    WEBHOOK_CALLBACK_URL: `${urls.api}/webhooks/billing-sync`,
    WEBHOOK_SECRET: env.WEBHOOK_SECRET || randomBytes(24).toString('hex'),
  };
}

/** The Platform API registers no webhook. The sandbox's readings are fresh, so none needs to be waited for. */
function withoutEvents(env) {
  return { WEBHOOK_CALLBACK_URL: '', WEBHOOK_SECRET: '', READ_LAG_MS: env.READ_LAG_MS || '0' };
}

function urlHost(host) {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

async function untilHealthy(name, child, url, signal) {
  const giveUpAt = Date.now() + READY_WITHIN_MS;
  let answer = 'nothing';
  while (!signal.aborted) {
    if (!child.isRunning()) throw new Error(died(name, child, await child.exited));
    if (Date.now() > giveUpAt) {
      throw new Error(
        `${name} was not ready within ${READY_WITHIN_MS / 1000} s. ${url} answered: ${answer}\nIts last lines:\n${child.lastLines()}`,
      );
    }
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
      if (response.ok) return;
      answer = `${response.status} ${(await response.text()).slice(0, 1_000)}`;
    } catch (error) {
      answer = error.cause?.code ?? error.message;
    }
    await sleep(100);
  }
}

async function untilOneDies(running) {
  const ends = Object.entries(running)
    .filter(([, part]) => part?.exited)
    .map(async ([name, part]) => died(name, part, await part.exited));
  throw new Error(await Promise.race(ends));
}

function died(name, child, how) {
  return `${name} ${how}. Its last lines:\n${child.lastLines()}`;
}

/** Stops the API and the worker first, then their dependencies. */
async function bringDown({ redis, sandbox, api, worker }) {
  await Promise.all([api?.stop(GRACE_MS), worker?.stop(GRACE_MS)]);
  await sandbox?.stop();
  await redis?.stop();
}

/** Ctrl-C, SIGTERM, or the exit of the parent npm, which may die silently. A second signal kills. */
function untilToldToEnd(running) {
  const controller = new AbortController();
  const told = new Promise((resolve) =>
    controller.signal.addEventListener('abort', () => resolve(undefined)),
  );
  const begin = () => controller.abort();
  let firstAt = 0;
  const onSignal = () => {
    if (!controller.signal.aborted) {
      firstAt = Date.now();
      return begin();
    }
    // One Ctrl-C may arrive twice: from the terminal and from npm.
    if (Date.now() - firstAt < SAME_SIGNAL_MS) return;
    for (const part of Object.values(running)) part?.kill?.('SIGKILL');
    process.exit(1);
  };
  const parent = process.ppid;
  const watch = setInterval(() => isOrphan(parent) && begin(), 500);
  for (const name of END_SIGNALS) process.on(name, onSignal);
  const forget = () => {
    clearInterval(watch);
    for (const name of END_SIGNALS) process.off(name, onSignal);
  };
  return { signal: controller.signal, told, begin, forget };
}

function isOrphan(parent) {
  return process.env.npm_lifecycle_event === 'start' && process.ppid !== parent;
}

function welcome(dialect, { api, worker, sandbox, redis }, env) {
  const { callId, userId, queue } = FIRST_TRANSFER[dialect];
  const words = WORDS[dialect];
  const body = JSON.stringify({
    callId,
    userId,
    transferType: 'blind',
    target: { type: 'queue', id: queue },
  });
  const key = env.API_KEYS ? " -H 'authorization: Bearer <one of your API_KEYS>'" : '';
  return `
Handover is running, with the sandbox in place of Genesys Cloud.

  Console         ${api}/
  Dialect         ${dialect} (${words.api})
  API             ${api}
  API reference   ${api}/docs
  Queues          ${api}/admin/queues
  Metrics         ${api}/metrics  ${worker}/metrics
  Billed so far   ${api}/api/billing/records  and, as the billing system received it, ${sandbox}/control/billing
  Sandbox         ${sandbox}/control
  Redis           ${redis.replace(/\/\/[^@/]*@/, '//***@')}
  Logs            ${logs}

Move a simulated call:

  curl -s ${api}/api/transfers -H 'content-type: application/json' -H 'prefer: wait=10'${key} -d '${body}'
${words.next}
Ctrl-C stops everything.
`;
}

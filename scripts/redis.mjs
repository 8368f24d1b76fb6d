// Finds a real Redis and runs it. Used by `npm start` and by the tests.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import net from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';
import { promisify } from 'node:util';
import { unpackedPackage } from './apt-package.mjs';
import { startChild } from './child.mjs';
import { firstLine, firstThatWorks, noneWorks, notUsed, withoutPassword } from './choices.mjs';

const run = promisify(execFile);
const SERVERS = ['redis-server', 'valkey-server'];
// Loading a long append-only file takes a while; a crash is detected at once.
const READY_WITHIN_MS = 60_000;
const CHOICES = [
  'name a running one: REDIS_URL=redis://127.0.0.1:6379',
  'install redis-server or valkey-server, so that it is on the PATH (macOS: brew install redis)',
  `start a container engine (the tests use it by themselves); for npm start run
    docker run -d -p 127.0.0.1:6379:6379 redis:7-alpine redis-server --appendonly yes, and name it in REDIS_URL`,
  'on Debian or Ubuntu: let the package be fetched from the distribution (needs the network, not root)',
];

/**
 * Returns a running Redis: the one in `REDIS_URL`, which `stop()` does not stop, else a new one.
 * @throws {Error} if `REDIS_URL` does not answer or no choice works.
 */
export async function provideRedis({ env = process.env, ...choices }) {
  return env.REDIS_URL ? redisAtUrl(env.REDIS_URL) : startFoundRedis({ env, ...choices });
}

/**
 * Starts a Redis from the first choice that works: a server on the PATH, `engine` (a container engine, in tests),
 * the distribution's package. A present but failing choice is logged.
 * @throws {Error} listing the choices, if none works.
 */
export async function startFoundRedis({ root, log, server, engine, env = process.env }) {
  const telling = { log, skipped: [] };
  const start = (program) => program && startRedisServer(program, server);
  const redis = await firstThatWorks(
    [
      async () => start(await redisOnPath(env, telling)),
      async () => engine?.(telling.skipped),
      async () => start(await packagedRedis(root, telling)),
    ],
    telling,
  );
  if (redis) return redis;
  throw new Error(noneWorks('No Redis was found. Choose one:', CHOICES, telling.skipped));
}

/**
 * Starts a Redis server on 127.0.0.1 and waits until it answers PONG.
 * @throws {Error} with its last lines, if it exits at start or does not answer within a minute.
 */
export async function startRedisServer(program, options) {
  const { dir, port, appendonly = true, extraArgs = [], logFile = join(dir, 'redis.log') } = options;
  mkdirSync(dir, { recursive: true });
  for (let triesLeft = port === undefined ? 3 : 1; ; triesLeft--) {
    const chosenPort = port ?? (await freePort());
    const child = startChild(
      [program.path, ...serverArguments({ dir, port: chosenPort, appendonly }), ...extraArgs],
      { logFile, env: programEnvironment(program) },
    );
    const url = `redis://127.0.0.1:${chosenPort}`;
    const problem = await Promise.race([
      untilPong(url, READY_WITHIN_MS, child).then(
        () => undefined,
        (error) => error.message,
      ),
      child.exited,
    ]);
    if (problem === undefined && child.isRunning()) {
      const { pid, exited, kill, stop, lastLines } = child;
      const how = `${program.how}, port ${chosenPort}`;
      return { url, how, program, port: chosenPort, pid, exited, kill, stop, lastLines };
    }
    await child.stop();
    const lines = child.lastLines();
    // Another process may take the free port before it is used.
    if (triesLeft > 1 && /in use/i.test(lines)) continue;
    throw new Error(`${program.path} ${problem ?? 'ended'}. Its last lines:\n${lines}`);
  }
}

/** A currently free TCP port of 127.0.0.1. */
export async function freePort() {
  const server = net.createServer();
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * Sends PING (after AUTH, if the URL has a password) and expects PONG.
 * @throws {Error} with the unexpected answer.
 */
function ping(url, timeoutMs = 5_000) {
  const { protocol, hostname, port, username, password } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const at = { host, port: Number(port || 6379), servername: net.isIP(host) ? undefined : host };
  const words = [decodeURIComponent(username), decodeURIComponent(password)].filter(Boolean);
  const hello = password ? command('AUTH', ...words) : '';
  return new Promise((resolve, reject) => {
    const socket = protocol === 'rediss:' ? tls.connect(at) : net.connect(at);
    const done = (settle, value) => {
      socket.destroy();
      settle(value);
    };
    let answer = '';
    socket.setTimeout(timeoutMs, () => done(reject, new Error(`did not answer within ${timeoutMs} ms`)));
    socket.once('error', (error) => done(reject, new Error(error.message || error.code)));
    socket.once('close', () => reject(new Error('closed the connection')));
    socket.on('data', (data) => {
      answer += data;
      if (answer.includes('+PONG\r\n')) done(resolve);
      else if (/^-.*\r\n/m.test(answer))
        done(reject, new Error(`answered ${answer.match(/^-(.*)\r\n/m)?.[1]}`));
    });
    socket.write(hello + command('PING'));
  });
}

async function redisAtUrl(url) {
  const shown = withoutPassword(url);
  try {
    await ping(url);
  } catch (error) {
    throw new Error(
      `REDIS_URL names ${shown}, but it ${saysInWords(error)}\nStart that Redis, or unset REDIS_URL.`,
    );
  }
  return { url, how: `REDIS_URL (${shown})`, stop: async () => {} };
}

function saysInWords(error) {
  return /^(answered|closed|did not)/.test(error.message)
    ? error.message
    : `cannot be reached: ${error.message}`;
}

async function redisOnPath(env, telling) {
  for (const name of SERVERS) {
    const path = (env.PATH ?? '')
      .split(delimiter)
      .map((folder) => join(folder || '.', name))
      .find(existsSync);
    if (!path) continue;
    try {
      await run(path, ['--version'], { timeout: 10_000 });
      return { path, how: `${path}` };
    } catch (error) {
      notUsed(`${path} is on the PATH but does not run: ${firstLine(error)}`, telling);
    }
  }
  return undefined;
}

async function packagedRedis(root, telling) {
  const unpacked = await unpackedPackage(
    {
      name: 'Redis',
      home: join(root, '.redis'),
      packages: [
        { search: '^redis-server$', also: ['redis-tools'] },
        { search: '^valkey-server$', also: ['valkey-tools'] },
      ],
      programs: (files) => SERVERS.map((name) => join(files, 'usr/bin', name)).filter(existsSync),
    },
    telling,
  );
  return unpacked && { path: unpacked.programs[0], libraryPath: unpacked.libraryPath, how: unpacked.how };
}

async function untilPong(url, withinMs, child) {
  const giveUpAt = Date.now() + withinMs;
  for (;;) {
    try {
      return await ping(url, 1_000);
    } catch (error) {
      if (Date.now() > giveUpAt)
        throw new Error(`did not become ready within ${withinMs / 1000} s: it ${saysInWords(error)}`);
      if (!child.isRunning()) throw error;
      await sleep(20);
    }
  }
}

function serverArguments({ dir, port, appendonly }) {
  return [
    ...['--bind', '127.0.0.1', '--port', String(port), '--dir', dir, '--daemonize', 'no', '--logfile', ''],
    ...['--appendonly', appendonly ? 'yes' : 'no', '--save', '', '--maxmemory-policy', 'noeviction'],
  ];
}

function programEnvironment({ libraryPath }) {
  // Newer servers refuse to start with a missing locale.
  const env = { ...process.env, LC_ALL: 'C' };
  return libraryPath ? { ...env, LD_LIBRARY_PATH: libraryPath } : env;
}

function command(...words) {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}

import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../support/ports.ts';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
const STARTED_WITHIN_MS = 120_000;
const ENDED_WITHIN_MS = 60_000;

/** `npm start` in its own process group, as in a terminal. */
async function startSystem() {
  const ports = { PORT: await freePort(), METRICS_PORT: await freePort(), SANDBOX_PORT: await freePort() };
  const texts = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)]));
  const data = await mkdtemp(join(tmpdir(), 'handover-npm-start-'));
  onTestFinished(() => rm(data, { recursive: true, force: true }));
  const own = { QUEUE_PREFIX: `{e2e-${randomUUID().slice(0, 8)}}`, HANDOVER_DATA_DIR: data };
  const npm = spawn('npm', ['start'], {
    cwd: root,
    env: { ...process.env, ...texts, ...own },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => {
    if (isRunning(npm)) process.kill(-(npm.pid ?? 0), 'SIGTERM');
  });
  const ended = once(npm, 'exit');
  let printed = '';
  for (const stream of [npm.stdout, npm.stderr])
    stream?.on('data', (data) => {
      printed += data;
    });
  return { npm, ports: Object.values(ports), ended, printed: () => printed };
}

const isRunning = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null;

type System = Awaited<ReturnType<typeof startSystem>>;

/** Waits for the last line of the welcome. */
async function untilWelcome({ npm, ended, printed }: System): Promise<void> {
  const signal = AbortSignal.timeout(STARTED_WITHIN_MS);
  while (!printed().includes('Ctrl-C stops everything')) {
    if (!isRunning(npm) || signal.aborted) throw new Error(`it did not start:\n${printed()}`);
    await Promise.race([ended, once(npm.stdout ?? npm, 'data', { signal })]);
  }
}

/** The pids of all descendants of this process. */
function descendants(pid: number): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number));
  const below = (parent: number): number[] =>
    pairs.flatMap(([child = 0, ppid]) => (ppid === parent ? [child, ...below(child)] : []));
  return below(pid);
}

/** Those of these processes that still run; a zombie (Z) has ended. */
function stillRunning(pids: number[]): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,stat='], { encoding: 'utf8' }).trim().split('\n');
  const running = lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, state]) => !state?.startsWith('Z'));
  return pids.filter((pid) => running.some(([other]) => Number(other) === pid));
}

async function isListening(port: number): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

test('npm start prints a curl that moves a call, and Ctrl-C leaves no process and no port behind', {
  timeout: STARTED_WITHIN_MS + ENDED_WITHIN_MS,
}, async () => {
  const system = await startSystem();
  await untilWelcome(system);
  const command = /^\s*(curl .*)$/m.exec(system.printed())?.[1] ?? 'no curl was printed';
  const { stdout } = await run('sh', ['-c', command]);
  const transfer = JSON.parse(stdout);
  expect(transfer).toMatchObject({
    status: 'transferred',
    outcome: { target: { type: 'queue', id: 'queue-support' }, isFallback: false },
  });

  const redisPort = Number(/^\s*Redis\s+redis:\/\/.*:(\d+)/m.exec(system.printed())?.[1]);
  const pids = descendants(system.npm.pid ?? 0);
  const listening = () => Promise.all([...system.ports, redisPort].map(isListening));
  expect(await listening()).toEqual([true, true, true, true]);
  expect(pids.length).toBeGreaterThanOrEqual(4);

  process.kill(-(system.npm.pid ?? 0), 'SIGINT');
  await system.ended;
  const left =
    process.env.REDIS_URL === undefined ? [false, false, false, false] : [false, false, false, true];
  expect(await listening()).toEqual(left);
  expect(stillRunning(pids)).toEqual([]);
});

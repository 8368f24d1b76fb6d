import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { seedId } from '@handover/sandbox';
import { expect, onTestFinished, test } from 'vitest';
import { PATIENCE_MS } from '../support/patience.ts';
import { freePort } from '../support/ports.ts';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
const STARTED_WITHIN_MS = 120_000;
const ENDED_WITHIN_MS = 60_000;

/** `npm start` in its own process group, as in a terminal. */
async function startSystem(args: string[] = []) {
  const ports = { PORT: await freePort(), METRICS_PORT: await freePort(), SANDBOX_PORT: await freePort() };
  const texts = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)]));
  const data = await mkdtemp(join(tmpdir(), 'handover-npm-start-'));
  onTestFinished(() => rm(data, { recursive: true, force: true }));
  const own = { QUEUE_PREFIX: `{e2e-${randomUUID().slice(0, 8)}}`, HANDOVER_DATA_DIR: data };
  const npm = spawn('npm', ['start', ...args], {
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

async function runPrintedCurl({ printed }: System): Promise<{ id: string }> {
  const command = /^\s*(curl .*)$/m.exec(printed())?.[1] ?? 'no curl was printed';
  const { stdout } = await run('sh', ['-c', command]);
  return JSON.parse(stdout);
}

test('npm start prints a curl that moves a call, and Ctrl-C leaves no process and no port behind', {
  timeout: STARTED_WITHIN_MS + ENDED_WITHIN_MS,
}, async () => {
  const system = await startSystem();
  await untilWelcome(system);
  expect(await runPrintedCurl(system)).toMatchObject({
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

test('npm start --dialect platform moves a call over the Platform API, and bills it without events', {
  timeout: STARTED_WITHIN_MS + ENDED_WITHIN_MS,
}, async () => {
  const system = await startSystem(['--dialect', 'platform']);
  await untilWelcome(system);
  expect(system.printed()).toMatch(/Dialect +platform/);
  const transfer = await runPrintedCurl(system);
  expect(transfer).toMatchObject({
    status: 'transferred',
    outcome: { target: { type: 'queue', id: seedId('9', 1) }, isFallback: false, confirmedBy: 'reading' },
  });
  const [api] = system.ports;
  const records = async () => (await fetch(`http://127.0.0.1:${api}/api/billing/records`)).json();
  await expect
    .poll(records, { timeout: PATIENCE_MS })
    .toMatchObject({ items: [{ id: transfer.id, callId: seedId('c', 1), synthesized: true }] });

  process.kill(-(system.npm.pid ?? 0), 'SIGINT');
  await system.ended;
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, startChild } from '../../scripts/child.mjs';
import { PATIENCE_MS } from './patience.ts';
import { freePort } from './ports.ts';
import { openWorld, type World, type WorldOptions } from './world.ts';

const root = resolve(import.meta.dirname, '../..');

/** A built process: killed, paused and stopped by real signals. */
export type Process = Child & { readonly url: string };

export type Processes = Awaited<ReturnType<typeof createProcesses>>;

/** Starts built workers and APIs with exactly this environment; `close` kills those still running. */
async function createProcesses(env: Record<string, string>) {
  const logs = await mkdtemp(join(tmpdir(), 'handover-processes-'));
  const started: Process[] = [];

  async function start(app: 'worker' | 'api', port: number, more: Record<string, string>): Promise<Process> {
    const child = startChild([process.execPath, join(root, 'apps', app, 'dist', 'main.js')], {
      logFile: join(logs, `${app}-${started.length}.log`),
      env: {
        PATH: process.env.PATH,
        ...env,
        ...more,
        [app === 'api' ? 'PORT' : 'METRICS_PORT']: String(port),
      },
      cwd: root,
    });
    const running = { ...child, url: `http://127.0.0.1:${port}` };
    started.push(running);
    return running;
  }

  return {
    /** A ready worker or API; on a free port by default. */
    async startReady(
      app: 'worker' | 'api',
      port?: number,
      more: Record<string, string> = {},
    ): Promise<Process> {
      const running = await start(app, port ?? (await freePort()), more);
      await untilReady(running);
      return running;
    },
    /** Several workers, started in parallel. */
    startWorkers(count: number): Promise<Process[]> {
      return Promise.all(Array.from({ length: count }, () => this.startReady('worker')));
    },
    async close(): Promise<void> {
      await Promise.all(
        started.map((child) => {
          child.kill('SIGKILL');
          return child.exited;
        }),
      );
      await rm(logs, { recursive: true, force: true });
    },
  };
}

async function untilReady(child: Process): Promise<void> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      const response = await fetch(`${child.url}/readyz`, { signal: AbortSignal.timeout(10_000) });
      if (response.ok) return;
    } catch {
      // Not listening yet.
    }
    if (!child.isRunning() || performance.now() > giveUpAt)
      throw new Error(`a process did not become ready. Its last lines:\n${child.lastLines()}`);
    await sleep(50);
  }
}

/** The pid of the worker that wrote the latest timeline entry of this step (workers are named `host-pid`). */
export function workerPid(timeline: { step: string; by: string }[], step: string): number {
  const entry = timeline.findLast((one) => one.step === step);
  const pid = Number(/^worker:.*-(\d+)$/.exec(entry?.by ?? '')?.[1]);
  if (!Number.isInteger(pid)) throw new Error(`no worker wrote a step "${step}"`);
  return pid;
}

/** The environment that is added, or what makes it of the sandbox's URL. */
export type FaultEnv = WorldOptions['env'] & {};
export type FaultWorld = { world: World; processes: Processes; close(): Promise<void> };

/** A world whose workers and APIs are built processes; `env` adds to the quick waits of every test world. */
export async function openFaultWorld(
  env: FaultEnv,
  more: Pick<WorldOptions, 'redisUrl' | 'random'> = {},
): Promise<FaultWorld> {
  const world = await openWorld({ workers: 0, env, ...more });
  const processes = await createProcesses(world.env);
  return {
    world,
    processes,
    async close() {
      await processes.close();
      await world.close();
    },
  };
}

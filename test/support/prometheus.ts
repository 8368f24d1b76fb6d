import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { unpackedPackage } from '../../scripts/apt-package.mjs';
import { startChild } from '../../scripts/child.mjs';
import { PATIENCE_MS } from './patience.ts';
import { freePort } from './ports.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

/** The programs of a real Prometheus. */
export type Programs = { prometheus: string; promtool: string };

/** A sample of a query result. */
export type Sample = { metric: Record<string, string>; value: number };

/** Finds a Prometheus on the PATH, else unpacks the distribution's package; returns the reason if neither works. */
export async function findPrometheus(): Promise<Programs | string> {
  const folders = (process.env.PATH ?? '').split(delimiter).map((folder) => resolve(folder || '.'));
  const onPath = folders.map(programsIn).find(isThere);
  if (onPath !== undefined) return onPath;
  const telling = { log: console.log, skipped: [] as string[] };
  const unpacked = await unpackedPackage(
    {
      name: 'Prometheus',
      home: join(root, '.prometheus'),
      packages: [{ search: '^prometheus$' }],
      programs: (files) => Object.values(programsIn(join(files, 'usr/bin'))),
    },
    telling,
  );
  if (unpacked === undefined) return `no Prometheus was found: ${telling.skipped.join('; ')}`;
  return programsIn(join(unpacked.files, 'usr/bin'));
}

function programsIn(folder: string): Programs {
  return { prometheus: join(folder, 'prometheus'), promtool: join(folder, 'promtool') };
}

function isThere(programs: Programs): boolean {
  return Object.values(programs).every(existsSync);
}

/** Runs promtool with this input; returns its output and whether it succeeded. */
export async function promtool({ promtool: program }: Programs, args: string[], input = '') {
  const running = run(program, args);
  running.child.stdin?.end(input);
  return running.then(
    ({ stdout, stderr }) => ({ ok: true, said: stdout + stderr }),
    ({ stdout, stderr }: { stdout: string; stderr: string }) => ({ ok: false, said: stdout + stderr }),
  );
}

export type Prometheus = Awaited<ReturnType<typeof startPrometheus>>;

/**
 * Starts a Prometheus that scrapes these processes every second, by job name. The caller stops it.
 * @throws {Error} with its last lines, if it does not become ready.
 */
export async function startPrometheus(
  { prometheus }: Programs,
  { jobs, ruleFiles = [] }: { jobs: Record<string, string[]>; ruleFiles?: string[] },
) {
  const dir = await mkdtemp(join(tmpdir(), 'handover-prometheus-'));
  const port = await freePort();
  const file = join(dir, 'prometheus.yml');
  // JSON is YAML too.
  await writeFile(
    file,
    JSON.stringify({
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      rule_files: ruleFiles,
      scrape_configs: Object.entries(jobs).map(([job_name, urls]) => ({
        job_name,
        static_configs: [{ targets: urls.map((url) => new URL(url).host) }],
      })),
    }),
  );
  const child = startChild(
    [
      prometheus,
      ...[`--config.file=${file}`, `--storage.tsdb.path=${join(dir, 'data')}`],
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { logFile: join(dir, 'prometheus.log'), env: process.env },
  );
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    await child.stop(10_000);
    await rm(dir, { recursive: true, force: true });
  };
  const giveUpAt = performance.now() + PATIENCE_MS;
  while (!(await fetch(`${url}/-/ready`).catch(() => undefined))?.ok) {
    if (!child.isRunning() || performance.now() > giveUpAt) {
      const lines = child.lastLines();
      await stop();
      throw new Error(`Prometheus did not become ready. Its last lines:\n${lines}`);
    }
    await sleep(50);
  }
  return {
    url,
    stop,
    /** The rules, their health, and whether they fire. */
    async rules(): Promise<{ name: string; health: string; state: string }[]> {
      const answer = await fetch(`${url}/api/v1/rules`);
      const { data } = (await answer.json()) as {
        data: { groups: { rules: { name: string; health: string; state: string }[] }[] };
      };
      return data.groups.flatMap(({ rules }) => rules);
    },
    /** The current result of a PromQL query; throws Prometheus' error for an invalid expression. */
    async query(expression: string): Promise<Sample[]> {
      const answer = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query: expression })}`);
      const body = (await answer.json()) as {
        error?: string;
        data: { result: { metric: Record<string, string>; value: [number, string] }[] };
      };
      if (!answer.ok) throw new Error(`${expression}: ${body.error}`);
      return body.data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
    },
  };
}

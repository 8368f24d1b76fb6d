import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { benchAccepted } from './accepted.ts';
import { benchConsole } from './console.ts';
import { benchCost } from './cost.ts';
import { benchEvents } from './events.ts';
import { type Ground, LeftOut, prepareGround } from './ground.ts';
import { benchGrowth } from './growth.ts';
import { benchLists } from './lists.ts';
import { benchRecords } from './records.ts';
import { benchReplicas } from './replicas.ts';
import { type Row, table } from './table.ts';
import { benchTransfers } from './transfers.ts';

type Benchmark = (ground: Ground, folder: string | undefined) => Promise<Row[]>;

const benchmarks: Record<string, Benchmark> = {
  events: benchEvents,
  records: benchRecords,
  transfers: benchTransfers,
  replicas: benchReplicas,
  accepted: benchAccepted,
  cost: benchCost,
  growth: benchGrowth,
  lists: benchLists,
  console: benchConsole,
};

type Results = {
  rows: Row[];
  leftOut: { name: string; why: string }[];
  failed: { name: string; why: string }[];
};

const interrupted = Promise.race(
  ['SIGINT', 'SIGTERM'].map(async (signal) => {
    await once(process, signal);
    return 'interrupted' as const;
  }),
);
const { positionals, values } = asked();
const names = namesAskedFor(positionals);
/** Another checkout of Handover, built, which `transfers` and `replicas` measure beside this one. */
const folder = values.beside === undefined ? undefined : resolve(values.beside);
const results = await runAll(names);
if (results === 'interrupted') process.exit(130);
report(results);
// Explicit exit: a failed benchmark leaves connections that retry forever.
process.exit(results.failed.length > 0 ? 1 : 0);

/** Parses the command line; exits with a message if it is invalid. */
function asked() {
  try {
    return parseArgs({ allowPositionals: true, options: { beside: { type: 'string' } } });
  } catch (error) {
    console.error((error as Error).message);
    process.exit(2);
  }
}

/** The benchmarks with these names, or all; exits with a message on an unknown name. */
function namesAskedFor(positionals: string[]): string[] {
  const unknown = positionals.filter((name) => !Object.hasOwn(benchmarks, name));
  if (unknown.length === 0) return positionals.length > 0 ? positionals : Object.keys(benchmarks);
  console.error(
    `No benchmark is called ${unknown.join(', ')}. There are: ${Object.keys(benchmarks).join(', ')}.`,
  );
  process.exit(2);
}

/** Runs them in turn; a failure does not discard the results of the others. */
async function runAll(toRun: string[]): Promise<Results | 'interrupted'> {
  const all: Results = { rows: [], leftOut: [], failed: [] };
  for (const name of toRun) {
    console.log(`${name} …`);
    try {
      const rows = await onGroundOfItsOwn(benchmarks[name] ?? (async () => []));
      if (rows === 'interrupted') return rows;
      all.rows.push(...rows);
    } catch (error) {
      const isMissing = error instanceof LeftOut;
      if (!isMissing) console.error(error);
      all[isMissing ? 'leftOut' : 'failed'].push({ name, why: (error as Error).message });
    }
  }
  return all;
}

/** Isolates benchmarks: leftovers in Redis or processes must not affect the next. */
async function onGroundOfItsOwn(run: Benchmark): Promise<Row[] | 'interrupted'> {
  const ground = await prepareGround();
  try {
    return await Promise.race([interrupted, run(ground, folder)]);
  } finally {
    await ground.close();
  }
}

/** Prints the table and the omissions, and stores the raw figures. */
function report(all: Results): void {
  const about = {
    commit: commit(),
    node: process.version,
    cpus: cpus().length,
    at: new Date().toISOString(),
  };
  if (all.rows.length > 0) console.log(`\n${table(all.rows)}`);
  console.log(`\n${about.commit}, Node ${about.node}, ${about.cpus} CPUs, ${about.at}`);
  for (const { name, why } of all.leftOut) console.log(`Left out: ${name}. ${why}`);
  for (const { name, why } of all.failed) console.error(`FAILED: ${name}. ${why}`);
  const folder = join(import.meta.dirname, 'results');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${about.at.replaceAll(':', '-')}.json`);
  writeFileSync(file, `${JSON.stringify({ about, ...all }, null, 2)}\n`);
  console.log(`Raw figures: ${file}`);
}

function commit(): string {
  try {
    const options = { cwd: import.meta.dirname, encoding: 'utf8' } as const;
    return execFileSync('git', ['describe', '--always', '--dirty'], options).trim();
  } catch {
    return 'no commit';
  }
}

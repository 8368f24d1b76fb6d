import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { benchEvents } from './events.ts';
import { type Ground, prepareGround } from './ground.ts';
import { benchRecords } from './records.ts';
import { type Row, table } from './table.ts';

const benchmarks: Record<string, (ground: Ground) => Promise<Row[]>> = {
  events: benchEvents,
  records: benchRecords,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => benchmarks[name] === undefined);
if (unknown.length > 0) {
  console.error(
    `No benchmark is called ${unknown.join(', ')}. There are: ${Object.keys(benchmarks).join(', ')}.`,
  );
  process.exit(2);
}

const ground = await prepareGround();
const stop = async () => {
  await ground.close();
  process.exit(130);
};
process.once('SIGINT', stop).once('SIGTERM', stop);

const rows: Row[] = [];
try {
  for (const [name, run] of Object.entries(benchmarks)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    console.log(`${name} …`);
    rows.push(...(await run(ground)));
  }
} finally {
  await ground.close();
}
const about = { commit: commit(), node: process.version, cpus: cpus().length, at: new Date().toISOString() };
console.log(`\n${table(rows)}\n\n${about.commit}, Node ${about.node}, ${about.cpus} CPUs, ${about.at}`);
const results = join(import.meta.dirname, 'results');
mkdirSync(results, { recursive: true });
const file = join(results, `${about.at.replaceAll(':', '-')}.json`);
writeFileSync(file, `${JSON.stringify({ about, rows }, null, 2)}\n`);
console.log(`Raw figures: ${file}`);

function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim();
  } catch {
    return 'no commit';
  }
}

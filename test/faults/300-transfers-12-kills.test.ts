import { setTimeout as sleep } from 'node:timers/promises';
import type { StoredTransfer } from '@handover/core/transfer';
import { expect, onTestFinished, test } from 'vitest';
import { type Chance, LONG, takeChance } from '../support/chance.ts';
import { contradictions, tally } from '../support/ledger.ts';
import { type Life, nobodyThereMs, watchMachine } from '../support/machine.ts';
import { openFaultWorld, type Process, type Processes } from '../support/processes.ts';
import type { World } from '../support/world.ts';

const TRANSFERS = LONG ? 10_000 : 300;
const KILLS = LONG ? 200 : 12;
const WORKERS = LONG ? 8 : 4;
/** Between two kills, in ms, on average. */
const GAP_MS = 500;
const TAKEN_UP_WITHIN_MS = 5_000;

type Kill = { pid: number; at: number };

/** Submits a share of the transfers, at random gaps. */
async function submitSome(world: World, chance: Chance): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < TRANSFERS / KILLS) {
    ids.push(await world.submit());
    await sleep(chance.between(0, (2 * GAP_MS * KILLS) / TRANSFERS));
  }
  return ids;
}

/** After each share of the transfers, kills a random worker at a random instant and starts another one. */
async function submitAndKill(world: World, processes: Processes, chance: Chance) {
  const ready: Process[] = [];
  const lives = new Map<number, Life>();
  const start = async () => {
    const started = await processes.startReady('worker');
    ready.push(started);
    lives.set(started.pid, { from: Date.now() });
  };
  await Promise.all(Array.from({ length: WORKERS }, start));
  const ids: string[] = [];
  const kills: Kill[] = [];
  const replacements: Promise<void>[] = [];
  while (kills.length < KILLS) {
    ids.push(...(await submitSome(world, chance)));
    await sleep(chance.between(0, 100));
    while (ready.length === 0) await Promise.race(replacements.splice(0, 1));
    const victim = chance.pick(ready);
    ready.splice(ready.indexOf(victim), 1);
    victim.kill('SIGKILL');
    const at = Date.now();
    kills.push({ pid: victim.pid, at });
    const life = lives.get(victim.pid);
    if (life !== undefined) life.to = at;
    replacements.push(start());
  }
  await Promise.all(replacements);
  return { ids, kills, lives: [...lives.values()] };
}

/**
 * How long after its worker's death each transfer in flight was restarted, in ms, shortest first, and how
 * long without the time in which no worker was up. Only if its job was lost once: a second worker that
 * dies before its first atomic step leaves no trace of when it began.
 */
async function takeOverTimes(world: World, transfers: StoredTransfer[], kills: Kill[], lives: Life[]) {
  const times: { ms: number; served: number }[] = [];
  for (const { record, timeline } of transfers) {
    const job = await world.queue.getJob(record.id);
    if (job?.stalledCounter !== 1) continue;
    for (const { pid, at } of kills) {
      const last = timeline.findLastIndex(({ by }) => by.endsWith(`-${pid}`));
      if (last === -1 || timeline[last]?.step !== 'intent') continue;
      const next = timeline.slice(last).find(({ step }) => step === 'started');
      if (next === undefined) continue;
      const ms = next.at - at;
      times.push({ ms, served: ms - nobodyThereMs(lives, at, next.at) });
    }
  }
  return times.sort((one, other) => one.ms - other.ms);
}

test(`${TRANSFERS} transfers, ${KILLS} kills: none lost, none moved twice, every outcome matches the ledger`, {
  timeout: LONG ? 1_800_000 : 240_000,
}, async () => {
  const { world, processes, close } = await openFaultWorld({
    GENESYS_TIMEOUT_MS: LONG ? '5000' : '3000',
    SETTLE_WINDOW_MS: LONG ? '8000' : '3500',
    UNCONFIRMED_MAX_MS: '120000',
    TRANSFER_CONCURRENCY: LONG ? '40' : '10',
  });
  onTestFinished(close);
  const chance = takeChance('kills');
  const machine = watchMachine();
  onTestFinished(machine.stop);
  world.sandbox.changeSettings({
    latencyMs: { min: 1, max: 20 },
    transferLatencyMs: LONG ? { min: 50, max: 2_000 } : { min: 20, max: 300 },
    readLagMs: LONG ? 2_000 : 100,
  });
  const { ids, kills, lives } = await submitAndKill(world, processes, chance);
  const transfers: StoredTransfer[] = [];
  for (const id of ids) transfers.push(await world.outcome(id, 120_000));

  const times = await takeOverTimes(world, transfers, kills, lives);
  const served = times.map((one) => one.served).sort((one, other) => one - other);
  const p99 = served[Math.floor(served.length * 0.99)] ?? Number.POSITIVE_INFINITY;
  const again = transfers.filter(({ record }) => record.interruptions > 0).length;
  const posts = world.sandbox.requests.counts().transfer;
  console.log(`${JSON.stringify(tally(transfers))}, ${again} lost a worker, ${posts} POSTs sent`);
  console.log(
    `begun again ${times[0]?.ms} to ${times.at(-1)?.ms} ms after a kill in flight (${times.length} times), ` +
      `not counting the time without any worker ${served[0]} to ${served.at(-1)} ms; ` +
      `a timer was up to ${machine.latestMs()} ms late`,
  );
  expect(contradictions(world.sandbox, transfers)).toEqual([]);
  expect(transfers.filter(({ record }) => record.status !== 'transferred')).toEqual([]);
  expect(again).toBeGreaterThan(0);
  if (LONG) expect(p99).toBeLessThan(TAKEN_UP_WITHIN_MS + 2 * machine.latestMs());
});

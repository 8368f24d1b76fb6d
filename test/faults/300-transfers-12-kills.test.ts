import { setTimeout as sleep } from 'node:timers/promises';
import type { StoredTransfer } from '@handover/core/queue';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Chance, LONG, takeChance } from '../support/chance.ts';
import { contradictions, tally } from '../support/ledger.ts';
import { openFaultWorld, type Process, type Processes } from '../support/processes.ts';
import type { World } from '../support/world.ts';

const TRANSFERS = LONG ? 3_000 : 300;
const KILLS = LONG ? 120 : 12;
const WORKERS = 4;
const LOAD_MS = LONG ? 60_000 : 6_000;
const TAKEN_UP_WITHIN_MS = 5_000;

type Kill = { pid: number; at: number };

let world: World;
let processes: Processes;
let close: () => Promise<void>;

beforeEach(async () => {
  const env = { GENESYS_TIMEOUT_MS: '2000', SETTLE_WINDOW_MS: '2500', UNCONFIRMED_MAX_MS: '60000' };
  ({ world, processes, close } = await openFaultWorld({ ...env, TRANSFER_CONCURRENCY: '10' }));
});
afterEach(() => close());

async function submitSteadily(chance: Chance): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < TRANSFERS) {
    ids.push(await world.submit());
    await sleep(chance.between(0, (2 * LOAD_MS) / TRANSFERS));
  }
  return ids;
}

/** Kills a random worker at random instants, and starts another in its place at once. */
async function killRandomly(chance: Chance): Promise<Kill[]> {
  const running: Process[] = await processes.startWorkers(WORKERS);
  const kills: Kill[] = [];
  const replacements: Promise<void>[] = [];
  while (kills.length < KILLS) {
    await sleep(chance.between(0, (2 * LOAD_MS) / KILLS));
    if (running.length === 0) continue;
    const victim = chance.pick(running);
    running.splice(running.indexOf(victim), 1);
    victim.kill('SIGKILL');
    kills.push({ pid: victim.pid, at: Date.now() });
    replacements.push(processes.startReady('worker').then((started) => void running.push(started)));
  }
  await Promise.all(replacements);
  return kills;
}

/**
 * How long after its worker's death each transfer that was in flight was begun again, in ms, shortest first. Only where
 * its job was lost once: a second worker that dies before its first atomic step leaves no trace of when it began.
 */
async function takeOverTimes(transfers: StoredTransfer[], kills: Kill[]): Promise<number[]> {
  const times: number[] = [];
  for (const { record, timeline } of transfers) {
    const job = await world.queue.getJob(record.id);
    if (job?.stalledCounter !== 1) continue;
    for (const { pid, at } of kills) {
      const last = timeline.findLastIndex(({ by }) => by.endsWith(`-${pid}`));
      if (last === -1 || timeline[last]?.step !== 'intent') continue;
      const next = timeline.slice(last).find(({ step }) => step === 'started');
      if (next !== undefined) times.push(next.at - at);
    }
  }
  return times.sort((a, b) => a - b);
}

test(`${TRANSFERS} transfers, ${KILLS} kills: none lost, none moved twice, every outcome as the ledger has it`, {
  timeout: 20 * LOAD_MS,
}, async () => {
  const chance = takeChance('kills');
  world.sandbox.changeSettings({
    latencyMs: { min: 1, max: 20 },
    transferLatencyMs: { min: 20, max: 300 },
    readLagMs: 100,
  });
  const [ids, kills] = await Promise.all([submitSteadily(chance), killRandomly(chance)]);
  const transfers: StoredTransfer[] = [];
  for (const id of ids) transfers.push(await world.outcome(id, 30_000));

  const times = await takeOverTimes(transfers, kills);
  const again = transfers.filter(({ record }) => record.interruptions > 0).length;
  const posts = world.sandbox.requests.counts().transfer;
  console.log(`${JSON.stringify(tally(transfers))}, ${again} lost a worker, ${posts} POSTs sent`);
  console.log(`begun again ${times[0]} to ${times.at(-1)} ms after a kill in flight (${times.length} times)`);
  expect(contradictions(world.sandbox, transfers)).toEqual([]);
  expect(transfers.filter(({ record }) => record.status !== 'transferred')).toEqual([]);
  expect(again).toBeGreaterThan(0);
  expect(times[Math.floor(times.length * 0.99)] ?? 0).toBeLessThan(TAKEN_UP_WITHIN_MS);
});

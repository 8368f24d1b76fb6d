import { once } from 'node:events';
import type { TimelineEntry } from '@handover/core/transfer';
import { test } from 'vitest';
import { LONG } from '../support/chance.ts';
import { contradictions } from '../support/ledger.ts';
import { openFaultWorld, workerPid } from '../support/processes.ts';

/** Times are asserted with `FAULTS=long` only. The exit code is 1 if a shutdown exceeds its limit. */
const WITHIN_MS = 10_000;
const TAKEN_BACK_WITHIN_MS = 1_000;
// Longer than a shutdown may take, so that the shutdown ends the wait.
const PATIENT = { GENESYS_TIMEOUT_MS: '60000', SETTLE_WINDOW_MS: '61000', UNCONFIRMED_MAX_MS: '300000' };

const atStep = (timeline: TimelineEntry[], step: string) =>
  timeline.findLast((entry) => entry.step === step)?.at ?? Number.NaN;

test.concurrent('SIGTERM lets a transfer in flight finish and settles it', async ({
  expect,
  onTestFinished,
}) => {
  const { world, processes, close } = await openFaultWorld(PATIENT);
  onTestFinished(close);
  const worker = await processes.startReady('worker');
  world.sandbox.addScript({ operation: 'transfer', steps: [{ latencyMs: 1_000, times: 5 }] });
  const ids = await Promise.all(Array.from({ length: 5 }, () => world.submit()));
  while (world.sandbox.requests.counts().transfer < 5) await once(world.sandbox, 'request');
  worker.kill('SIGTERM');
  const toldAt = performance.now();
  expect(await worker.exited).toBe('ended with exit code 0');
  const tookMs = performance.now() - toldAt;
  console.log(`ended ${Math.round(tookMs)} ms after SIGTERM, with requests of 1 s in flight`);
  if (LONG) expect(tookMs).toBeLessThan(WITHIN_MS);
  const transfers = await Promise.all(ids.map((id) => world.get(id)));
  expect(transfers.map(({ record }) => record.outcome?.confirmedBy)).toEqual(ids.map(() => 'answer'));
  expect(contradictions(world.sandbox, transfers)).toEqual([]);
});

test.concurrent('SIGTERM returns a transfer that hangs before the effect, without consuming an attempt', async (context) => {
  const { expect, onTestFinished } = context;
  const { world, processes, close } = await openFaultWorld(PATIENT);
  onTestFinished(close);
  const worker = await processes.startReady('worker');
  world.sandbox.addScript({ operation: 'call', steps: [{ hang: 'before', times: 5 }] });
  const ids = await Promise.all(Array.from({ length: 5 }, () => world.submit()));
  while (world.sandbox.requests.counts().call < 5) await once(world.sandbox, 'request');
  const heir = await processes.startReady('worker');
  worker.kill('SIGTERM');
  const toldAt = performance.now();
  expect(await worker.exited).toBe('ended with exit code 0');
  const tookMs = performance.now() - toldAt;
  console.log(`ended ${Math.round(tookMs)} ms after SIGTERM, with reads that hang`);
  if (LONG) expect(tookMs).toBeLessThan(WITHIN_MS);
  for (const id of ids) {
    const { record, timeline } = await world.outcome(id);
    expect(record).toMatchObject({ status: 'transferred', attempts: 1, interruptions: 0, serverErrors: 0 });
    expect(timeline.map(({ decided }) => decided)).toContain('returned to the queue');
    expect(workerPid(timeline, 'outcome')).toBe(heir.pid);
    const idleMs = atStep(timeline, 'started') - atStep(timeline, 'waiting');
    if (LONG) expect(idleMs).toBeLessThan(TAKEN_BACK_WITHIN_MS);
  }
  expect(contradictions(world.sandbox, await Promise.all(ids.map((id) => world.get(id))))).toEqual([]);
});

test.concurrent('SIGTERM gives up a missing answer: another worker finds the effect by reading', async (context) => {
  const { expect, onTestFinished } = context;
  const { world, processes, close } = await openFaultWorld(PATIENT);
  onTestFinished(close);
  const worker = await processes.startReady('worker');
  world.sandbox.addScript({ operation: 'transfer', steps: [{ hang: 'after', times: 5 }] });
  const ids = await Promise.all(Array.from({ length: 5 }, () => world.submit()));
  while (world.sandbox.requests.counts().transfer < 5) await once(world.sandbox, 'request');
  await processes.startReady('worker');
  worker.kill('SIGTERM');
  const toldAt = performance.now();
  expect(await worker.exited).toBe('ended with exit code 0');
  if (LONG) expect(performance.now() - toldAt).toBeLessThan(WITHIN_MS);
  const transfers = [];
  for (const id of ids) transfers.push(await world.outcome(id));
  expect(transfers.map(({ record }) => record.outcome?.confirmedBy)).toEqual(ids.map(() => 'reading'));
  expect(contradictions(world.sandbox, transfers)).toEqual([]);
  expect(world.sandbox.requests.counts().transfer).toBe(5);
});

test.concurrent('SIGTERM leaves unstarted transfers to other workers', async ({ expect, onTestFinished }) => {
  const { world, processes, close } = await openFaultWorld({ ...PATIENT, TRANSFER_CONCURRENCY: '4' });
  onTestFinished(close);
  const worker = await processes.startReady('worker');
  world.sandbox.changeSettings({ transferLatencyMs: 400 });
  const ids = await Promise.all(Array.from({ length: 16 }, () => world.submit()));
  await once(world.sandbox, 'effect');
  worker.kill('SIGTERM');
  expect(await worker.exited).toBe('ended with exit code 0');
  const done = world.sandbox.ledger.entries().length;
  expect(done).toBeLessThan(16);
  await processes.startReady('worker');
  const transfers = [];
  for (const id of ids) transfers.push(await world.outcome(id));
  expect(transfers.map(({ record: { status, attempts } }) => ({ status, attempts }))).toEqual(
    ids.map(() => ({ status: 'transferred', attempts: 1 })),
  );
  expect(contradictions(world.sandbox, transfers)).toEqual([]);
});

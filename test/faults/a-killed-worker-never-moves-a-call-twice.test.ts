import { once } from 'node:events';
import { type TestContext, test } from 'vitest';
import { LONG } from '../support/chance.ts';
import { contradictions } from '../support/ledger.ts';
import { watchMachine } from '../support/machine.ts';
import { openFaultWorld, workerPid } from '../support/processes.ts';

const TRANSFERS = 10;
/** With `FAULTS=long` only: it is a time, and this machine may be busy with something else. */
const TAKEN_UP_WITHIN_MS = 5_000;

// So patient that whoever waits for the platform still waits when it is killed.
const PATIENT = { GENESYS_TIMEOUT_MS: '60000', SETTLE_WINDOW_MS: '61000', UNCONFIRMED_MAX_MS: '300000' };

/**
 * Lets a worker send transfers whose answers stay away as the step says, kills it with another standing by, and
 * waits for the outcomes, which the other must have found. Gives the transfers.
 */
async function killInFlight(
  { expect, onTestFinished: finished }: TestContext,
  step: { hang: 'before' | 'after' } | { latencyMs: number },
) {
  const { world, processes, close } = await openFaultWorld(PATIENT);
  finished(close);
  const machine = watchMachine();
  finished(machine.stop);
  const { sandbox } = world;
  const victim = await processes.startReady('worker');
  sandbox.addScript({ operation: 'transfer', steps: [{ ...step, times: TRANSFERS }] });
  const ids = await Promise.all(Array.from({ length: TRANSFERS }, () => world.submit()));
  while (sandbox.requests.counts().transfer < TRANSFERS) await once(sandbox, 'request');
  const heir = await processes.startReady('worker');
  victim.kill('SIGKILL');
  const killedAt = Date.now();

  const transfers = [];
  for (const id of ids) transfers.push(await world.outcome(id));
  while (sandbox.requests.entries().some(({ ms }) => ms === null)) await once(sandbox, 'answered');
  const waits = transfers.map(({ timeline }) => {
    const second = timeline.filter(({ step }) => step === 'started')[1];
    return (second?.at ?? Number.POSITIVE_INFINITY) - killedAt;
  });
  console.log(`${JSON.stringify(step)}: taken up ${Math.min(...waits)} to ${Math.max(...waits)} ms after`);
  expect(transfers.map(({ timeline }) => workerPid(timeline, 'outcome'))).toEqual(ids.map(() => heir.pid));
  if (LONG) expect(Math.max(...waits)).toBeLessThan(TAKEN_UP_WITHIN_MS + 2 * machine.latestMs());
  return { sandbox, transfers };
}

test.concurrent('a worker killed between intent and effect: another moves the call, once', async (context) => {
  const { expect } = context;
  const { sandbox, transfers } = await killInFlight(context, { hang: 'before' });
  expect(contradictions(sandbox, transfers)).toEqual([]);
  expect(transfers.map(({ record }) => record.status)).toEqual(transfers.map(() => 'transferred'));
});

test.concurrent('a worker killed after the effect, before it heard of it: another finds it by reading', async (context) => {
  const { expect } = context;
  const { sandbox, transfers } = await killInFlight(context, { hang: 'after' });
  expect(contradictions(sandbox, transfers)).toEqual([]);
  expect(transfers.map(({ record }) => record.outcome?.confirmedBy)).toEqual(transfers.map(() => 'reading'));
  expect(sandbox.requests.counts().transfer).toBe(TRANSFERS);
});

test.concurrent('the request of a killed worker takes effect late, after another worker looked: still one move', async (context) => {
  const { expect } = context;
  const { sandbox, transfers } = await killInFlight(context, { latencyMs: 15_000 });
  expect(contradictions(sandbox, transfers)).toEqual([]);
  expect(transfers.map(({ record }) => record.status)).toEqual(transfers.map(() => 'transferred'));
  // Each was sent twice under one ETag, so the platform let only one of the two pass.
  expect(sandbox.requests.counts().transfer).toBe(2 * TRANSFERS);
});

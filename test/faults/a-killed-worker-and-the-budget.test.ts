import { once } from 'node:events';
import { expect, test } from 'vitest';
import { type FaultWorld, openFaultWorld } from '../support/processes.ts';
import { createSubject, requestFor } from '../support/subject.ts';

const TRANSFERS = 50;
/** Default caches and time-outs, so that the budget is used realistically. */
const LIKE_REAL = {
  GENESYS_REQUESTS_PER_MINUTE: '300',
  GENESYS_TIMEOUT_MS: '60000',
  SETTLE_WINDOW_MS: '61000',
  UNCONFIRMED_MAX_MS: '300000',
  USER_CACHE_TTL_MS: '60000',
  QUEUE_CACHE_TTL_MS: '5000',
};
/** After this time a dead worker's runs no longer count, which would free their budget. */
const RUNS_COUNT_FOR_MS = 60_000;

test('resumes the transfers of a dead worker at once, although the budget is reserved', async () => {
  const faults: FaultWorld = await openFaultWorld(LIKE_REAL);
  const { world, processes } = faults;
  try {
    const victim = await processes.startReady('worker');
    world.sandbox.addScript({ operation: 'transfer', steps: [{ hang: 'after', times: TRANSFERS }] });
    const { target } = createSubject(world.sandbox);
    const ids: string[] = [];
    for (let count = 0; count < TRANSFERS; count += 1) {
      const request = requestFor(createSubject(world.sandbox));
      ids.push(await world.submit({ ...request, target: { type: 'queue', id: target } }));
    }
    while (world.sandbox.requests.counts().transfer < TRANSFERS) await once(world.sandbox, 'request');
    await processes.startReady('worker');
    victim.kill('SIGKILL');
    const transfers = [];
    for (const id of ids) transfers.push(await world.outcome(id));

    expect(transfers.map(({ record }) => record.status)).toEqual(transfers.map(() => 'transferred'));
    for (const { record, timeline } of transfers) {
      const begunAt = timeline.find(({ step }) => step === 'started')?.at ?? Number.NaN;
      expect(record.settledAt - begunAt).toBeLessThan(RUNS_COUNT_FOR_MS);
    }
    const moved = world.sandbox.ledger.entries().map(({ callId }) => callId);
    expect(new Set(moved).size).toBe(TRANSFERS);
    expect(moved).toHaveLength(TRANSFERS);
  } finally {
    await faults.close();
  }
}, 120_000);

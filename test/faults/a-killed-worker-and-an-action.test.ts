import { createActionStore } from '@handover/core/redis';
import { expect, test } from 'vitest';
import { contradictions } from '../support/ledger.ts';
import { openFaultWorld } from '../support/processes.ts';
import { UNHURRIED, UPSTREAM } from '../support/world.ts';

const TRANSFERS = 40;

test('another worker takes over the action of a killed one, and replays nothing twice', async () => {
  const faults = await openFaultWorld({
    ...UNHURRIED,
    SERVER_ERROR_MAX_RETRIES: '0',
    TRANSFER_CONCURRENCY: '1',
  });
  const { world, processes } = faults;
  try {
    await processes.startWorkers(2);
    world.sandbox.addScript({ operation: 'call', steps: [{ status: 503, times: 10_000 }] });
    const ids = await Promise.all(Array.from({ length: TRANSFERS }, () => world.submit()));
    for (const id of ids) await world.outcome(id);
    world.sandbox.clearScripts();

    // So slow, one at a time, that the action rests until fewer wait, and its worker is killed long before its end.
    world.sandbox.changeSettings({ latencyMs: 500 });
    const actions = createActionStore(world.redis, world.store.lane);
    const deed = { action: 'replay' } as const;
    const action = { id: 'of-a-killed-worker', deed, filter: {}, actor: UPSTREAM, reason: 'x', skipped: {} };
    await actions.start(action, ids);
    await expect.poll(async () => (await actions.get(action.id))?.done).toBeGreaterThan(0);
    const owner = await world.redis.hget(world.store.keys.action(action.id), 'owner');
    process.kill(Number(/-(\d+)-[\da-f]{8}-/.exec(owner ?? '')?.[1]), 'SIGKILL');
    expect(await actions.get(action.id)).toMatchObject({ status: 'running' });
    world.sandbox.changeSettings({ latencyMs: 0 });

    await expect.poll(async () => (await actions.get(action.id))?.status).toBe('done');
    expect(await actions.get(action.id)).toMatchObject({ total: TRANSFERS, done: TRANSFERS, skipped: {} });
    expect(await world.redis.hget(world.store.keys.action(action.id), 'owner')).not.toBe(owner);
    const transfers = [];
    for (const id of ids) transfers.push(await world.outcome(id));
    expect(transfers.map(({ record }) => record.status)).toEqual(ids.map(() => 'transferred'));
    expect(contradictions(world.sandbox, transfers)).toEqual([]);
    for (const { timeline } of transfers)
      expect(timeline.filter(({ step }) => step === 'replayed')).toHaveLength(1);
  } finally {
    await faults.close();
  }
});

import { createActionStore } from '@handover/core/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorld, UNHURRIED, UPSTREAM, type World } from '../support/world.ts';

const BUDGET = { requests: 30, windowMs: 1_500 };
const TRANSFERS = 30;

let world: World;
beforeAll(async () => {
  world = await openWorld({
    workers: 2,
    budget: BUDGET,
    env: { ...UNHURRIED, SERVER_ERROR_MAX_RETRIES: '0' },
  });
});
afterAll(() => world.close());

test('an action waits for room in the budget, and goes on by itself', async () => {
  world.sandbox.addScript({ operation: 'call', steps: [{ status: 503, times: 10_000 }] });
  const ids = await Promise.all(Array.from({ length: TRANSFERS }, () => world.submit()));
  for (const id of ids) await world.outcome(id);
  world.sandbox.clearScripts();

  const actions = createActionStore(world.redis, world.store.lane);
  const action = { id: 'within-the-budget', filter: { kind: 'failed' }, actor: UPSTREAM } as const;
  await actions.start({ ...action, deed: { action: 'replay' }, reason: 'x', skipped: {} }, ids);
  const seen = async () => (await actions.get(action.id)) ?? { status: '', waits: '', done: 0 };
  await expect.poll(async () => (await seen()).waits).toBe('budget used up');
  expect((await seen()).done).toBeLessThan(TRANSFERS);
  await expect.poll(async () => (await seen()).status).toBe('done');
  for (const id of ids) expect((await world.outcome(id)).record.status).toBe('transferred');
  expect(new Set(world.sandbox.ledger.entries().map(({ callId }) => callId)).size).toBe(TRANSFERS);
});

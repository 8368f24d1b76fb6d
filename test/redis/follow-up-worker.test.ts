import { createMeter, createRegistry } from '@handover/core/metrics';
import { createBudget, FOLLOW_UP_QUEUE, wakeDue } from '@handover/core/redis';
import { type FollowUp, followUpId } from '@handover/core/transfer';
import pino from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startFollowUps } from '../../apps/worker/src/follow-ups/worker.ts';
import { openTestLane, settlementOf, type TestLane } from '../support/lane.ts';

const LEFT = { kind: 'wrap-up', data: { code: 'sold' }, afterMs: 0, forMs: 60_000 } as const;

let lane: TestLane;
let cleanUp: (() => Promise<void>)[] = [];
beforeEach(() => {
  lane = openTestLane();
});
afterEach(async () => {
  for (const step of cleanUp.reverse()) await step();
  cleanUp = [];
  await lane.close();
});

/** A worker of the queue, and what it asked for. */
function start(limit = 0) {
  const registry = createRegistry();
  const asked: string[] = [];
  const budget = createBudget(lane.redis, lane.lane, { requests: limit, windowMs: 60_000 });
  const followUps = startFollowUps({
    redis: lane.redis,
    clock: { now: lane.now },
    prefix: lane.prefix,
    lane: lane.lane,
    platform: {
      async followUp({ id }: FollowUp) {
        asked.push(id);
        return { is: 'done', why: 'set', requests: [] };
      },
    },
    room: () => budget.room({ run: 4, needs: 2 }),
    meter: createMeter(registry, 'live'),
    log: pino({ level: 'silent' }),
    signal: new AbortController().signal,
  });
  cleanUp.push(followUps.close);
  const sweep = async () => wakeDue(lane.redis, followUps.tended, await lane.now());
  return { asked, sweep, registry };
}

async function settled(): Promise<string> {
  const id = await lane.accept();
  await lane.records.settle(id, settlementOf({ leaves: [LEFT, LEFT] }), []);
  return id;
}

test('what a transfer left is done, once each, and counted', async () => {
  const { asked, sweep, registry } = start();
  const id = await settled();
  await sweep();
  await sweep();
  const states = async () => (await lane.record(id)).followUps.map(({ state }) => state);
  await expect.poll(states).toEqual(['done', 'done']);
  expect(asked.sort()).toEqual([followUpId(id, 1), followUpId(id, 2)]);
  expect(await lane.redis.exists(lane.keys.followUps)).toBe(0);
  expect(await registry.metrics()).toContain('handover_follow_ups_total{kind="wrap-up",end="done"} 2');
});

test('it waits while the budget is needed for a transfer more, and sleeps noted by the clock of Redis', async () => {
  const { asked, sweep } = start(7);
  await createBudget(lane.redis, lane.lane, { requests: 7, windowMs: 60_000 }).take();
  await createBudget(lane.redis, lane.lane, { requests: 7, windowMs: 60_000 }).take();
  const id = await settled();
  await sweep();
  const why = async () => (await lane.record(id)).followUps[0]?.why;
  await expect.poll(why).toBe('budget used up');
  expect(asked).toEqual([]);
  const asleep = () => lane.redis.zrange(lane.keys.asleep(FOLLOW_UP_QUEUE), '0', '-1');
  await expect.poll(asleep).toContain(followUpId(id, 1));
});
